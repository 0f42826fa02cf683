-- Start, stop and reconfiguration of auditing. A start whose trail was not shut down before it
-- tells of a crash: its window needs an explanation. "before" is the start or stop that the trail
-- had last, also if it lies before the period; the first start of a trail has none.
WITH life AS (
  SELECT idx, id, ts, trail, seq, user_name, remote_ip, atype, result,
         lag(atype) OVER (PARTITION BY trail, atype IN ('startup', 'shutdown') ORDER BY seq)
           AS inside,
         lag(id) OVER (PARTITION BY trail, atype IN ('startup', 'shutdown') ORDER BY seq)
           AS inside_id
  FROM ev
  WHERE atype IN ('startup', 'shutdown', 'auditConfigure', 'rotateLog')
),
told AS (
  SELECT life.*,
         CASE WHEN life.atype IN ('startup', 'shutdown')
              THEN coalesce(inside, earlier.atype) END AS before,
         CASE WHEN life.atype IN ('startup', 'shutdown')
              THEN coalesce(inside_id, earlier.id) END AS before_id
  FROM life LEFT JOIN earlier ON earlier.trail = life.trail
)
SELECT idx, id, ts, trail, user_name, atype, result, before, before_id,
       atype = 'startup' AND before IS NOT NULL AND before <> 'shutdown' AS violation
FROM told
ORDER BY idx
