-- Successful logins by a mechanism in "mechanisms": the secret crosses or rests readable.
SELECT idx, id, ts, subject_user, remote_ip, mechanism, result,
       mechanism IN (SELECT value FROM parameter WHERE name = 'mechanisms') AS violation
FROM ev
WHERE atype = 'authenticate' AND result = 0
ORDER BY idx
