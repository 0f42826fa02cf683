-- Every command that was refused because the user had no right to it.
SELECT idx, id, ts, user_name, remote_ip, application, command, ns, result, false AS violation
FROM ev
WHERE atype = 'authCheck' AND result = 13
ORDER BY idx
