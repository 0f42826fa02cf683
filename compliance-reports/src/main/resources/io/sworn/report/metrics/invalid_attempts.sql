-- Every failed login (18) and every refused command (13).
-- A failed login has no authenticated user: the name that was tried counts.
SELECT idx, id, ts, coalesce(user_name, subject_user) AS user_name, remote_ip, application,
       atype, command, ns, result, false AS violation
FROM ev
WHERE (atype = 'authenticate' AND result = 18) OR (atype = 'authCheck' AND result = 13)
ORDER BY idx
