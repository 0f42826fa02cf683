-- Every permitted read or write of a namespace that the parameter "namespaces" names.
SELECT idx, id, ts, user_name, remote_ip, application, command, ns, result,
       false AS violation
FROM ev
WHERE atype = 'authCheck' AND result = 0
  AND ns IN (SELECT value FROM parameter WHERE name = 'namespaces')
ORDER BY idx
