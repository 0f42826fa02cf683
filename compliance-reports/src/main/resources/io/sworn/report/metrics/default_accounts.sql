-- Successful logins under a name that products or habit hand out ("names").
SELECT idx, id, ts, subject_user, subject_db, remote_ip, application, result, true AS violation
FROM ev
WHERE atype = 'authenticate' AND result = 0
  AND lower(subject_user) IN (SELECT value FROM parameter WHERE name = 'names')
ORDER BY idx
