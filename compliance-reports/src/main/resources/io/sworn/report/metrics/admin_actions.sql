-- Every action of a session that holds one of the roles in the parameter "roles".
SELECT idx, id, ts, user_name, roles, remote_ip, atype, command, ns, result,
       false AS violation
FROM ev
WHERE atype NOT IN ('clientMetadata', 'logout')
  AND EXISTS (SELECT 1 FROM parameter p
              WHERE p.name = 'roles' AND strpos(roles, concat(',', p.value, '@')) > 0)
ORDER BY idx
