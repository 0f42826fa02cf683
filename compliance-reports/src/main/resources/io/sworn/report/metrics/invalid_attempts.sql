-- Every failed login (18), every login by a mechanism that is not offered (334, told apart: no secret
-- was tried) and every refused command (13).
-- A failed login has no authenticated user: the name that was tried counts.
SELECT idx, id, ts, coalesce(user_name, subject_user) AS user_name, remote_ip, application,
       atype, command, ns, mechanism, result,
       CASE result WHEN 18 THEN 'login failed' WHEN 334 THEN 'mechanism not offered'
                   ELSE 'command refused' END AS attempt,
       false AS violation
FROM ev
WHERE (atype = 'authenticate' AND result IN (18, 334)) OR (atype = 'authCheck' AND result = 13)
ORDER BY idx
