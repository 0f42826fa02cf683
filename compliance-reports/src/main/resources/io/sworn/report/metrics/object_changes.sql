-- Every creation and removal of a database, a collection or an index.
SELECT idx, id, ts, user_name, remote_ip, atype, ns, result, false AS violation
FROM ev
WHERE atype IN ('createDatabase', 'createCollection', 'createIndex', 'dropDatabase',
                'dropCollection', 'dropIndex', 'renameCollection')
ORDER BY idx
