-- Accounts that logged in from more addresses than "addresses". The row is the last login.
SELECT max(idx) AS idx, max_by(id, idx) AS id, max(ts) AS ts, subject_user, subject_db,
       count(*) AS logins, count(DISTINCT remote_ip) AS addresses,
       count(DISTINCT remote_ip) >
         (SELECT CAST(value AS bigint) FROM parameter WHERE name = 'addresses') AS violation
FROM ev
WHERE atype = 'authenticate' AND result = 0
GROUP BY subject_user, subject_db
ORDER BY idx
