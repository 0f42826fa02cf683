-- Events that lack one of the fields an investigator needs: who, what, when, outcome, where
-- from, on what. Jobs of the server itself and messages before a login have no user; nor has a
-- command that was refused because nobody was logged in: then origin and outcome must be there.
-- Events that lack nothing are one row a type: the last of them and how many.
WITH checked AS (
  SELECT idx, id, ts, atype, user_name, subject_user, remote_ip, ns,
         CASE
           WHEN ts < TIMESTAMP '2000-01-01 00:00:00' THEN 'time'
           WHEN user_name IS NULL AND subject_user IS NULL AND NOT system_user
                AND NOT (atype = 'authCheck' AND result <> 0)
                AND atype IN ('authCheck', 'authenticate', 'createCollection', 'dropCollection',
                              'createDatabase', 'dropDatabase', 'createIndex', 'dropIndex',
                              'renameCollection', 'createUser', 'dropUser', 'updateUser',
                              'grantRolesToUser', 'revokeRolesFromUser') THEN 'user'
           WHEN remote_ip IS NULL AND NOT system_user AND kind <> 'SWORN'
                AND atype NOT IN ('startup', 'shutdown') THEN 'origin'
           WHEN ns IS NULL AND atype IN ('createCollection', 'dropCollection', 'createIndex',
                                         'dropIndex', 'renameCollection') THEN 'object'
         END AS missing
  FROM ev
)
SELECT idx, id, ts, atype, user_name, remote_ip, ns, missing, 1 AS events, true AS violation
FROM checked
WHERE missing IS NOT NULL
UNION ALL
SELECT max(idx), max_by(id, idx), max(ts), atype, max_by(user_name, idx), max_by(remote_ip, idx),
       max_by(ns, idx), NULL, count(*), false
FROM checked
WHERE missing IS NULL
GROUP BY atype
ORDER BY idx
