-- Events that lack one of the fields an investigator needs: who, what, when, outcome, where
-- from, on what. Jobs of the server itself and messages before a login have no user; nor has a
-- command that was refused because nobody was logged in: then origin and outcome must be there.
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
SELECT idx, id, ts, atype, user_name, remote_ip, ns, missing, true AS violation
FROM checked
WHERE missing IS NOT NULL
ORDER BY idx
