-- Every look at the audit trail through this product: reports, console, search, verification.
SELECT idx, id, ts, user_name, remote_ip, atype, command, result, false AS violation
FROM ev
WHERE kind = 'SWORN'
  AND EXISTS (SELECT 1 FROM parameter p
              WHERE p.name = 'events' AND strpos(atype, p.value) = 1)
ORDER BY idx
