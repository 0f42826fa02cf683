-- Accounts that logged in; one under a name that products or habit hand out ("names") is against
-- the control. The row is the account's last login.
SELECT max(idx) AS idx, max_by(id, idx) AS id, max(ts) AS ts, subject_user, subject_db,
       max_by(remote_ip, idx) AS remote_ip, max_by(application, idx) AS application,
       count(*) AS logins,
       lower(subject_user) IN (SELECT value FROM parameter WHERE name = 'names') AS violation
FROM ev
WHERE atype = 'authenticate' AND result = 0
GROUP BY subject_user, subject_db
ORDER BY idx
