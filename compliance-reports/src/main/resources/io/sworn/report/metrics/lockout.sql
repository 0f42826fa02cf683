-- Runs of failed logins (18) of one account that no success interrupts; a run longer than
-- "attempts" shows that nothing locked the account. The row is the last failure of the run.
WITH logins AS (
  SELECT idx, id, ts, subject_user, subject_db, remote_ip, result,
         sum(CASE WHEN result = 0 THEN 1 ELSE 0 END)
           OVER (PARTITION BY subject_user, subject_db ORDER BY ts, idx) AS run
  FROM ev
  WHERE atype = 'authenticate' AND result IN (0, 18)
),
runs AS (
  SELECT max(idx) AS idx, max_by(id, idx) AS id, max(ts) AS ts, subject_user, subject_db,
         count(*) AS failures, count(DISTINCT remote_ip) AS addresses
  FROM logins
  WHERE result = 18
  GROUP BY subject_user, subject_db, run
)
SELECT idx, id, ts, subject_user, subject_db, failures, addresses,
       failures > (SELECT CAST(value AS bigint) FROM parameter WHERE name = 'attempts')
         AS violation
FROM runs
ORDER BY idx
