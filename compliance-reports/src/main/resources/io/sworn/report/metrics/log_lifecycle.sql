-- Start, stop and reconfiguration of auditing. A start that no shutdown of the same trail
-- came before (the first of a trail apart) tells of a crash: its window needs an explanation.
WITH life AS (
  SELECT idx, id, ts, trail, seq, user_name, remote_ip, atype, result,
         lag(atype) OVER (PARTITION BY trail ORDER BY seq) AS before
  FROM ev
  WHERE atype IN ('startup', 'shutdown', 'auditConfigure', 'rotateLog')
)
SELECT idx, id, ts, trail, user_name, atype, result,
       atype = 'startup' AND before = 'startup' AS violation
FROM life
ORDER BY idx
