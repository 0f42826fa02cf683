-- Accounts outside "administrators" that acted while holding one of "roles".
-- The row is the account's last such action.
SELECT max(idx) AS idx, max_by(id, idx) AS id, max(ts) AS ts, user_name,
       max_by(roles, idx) AS roles, count(*) AS actions,
       user_name NOT IN (SELECT value FROM parameter WHERE name = 'administrators') AS violation
FROM ev
WHERE user_name IS NOT NULL
  AND EXISTS (SELECT 1 FROM parameter p
              WHERE p.name = 'roles' AND strpos(roles, concat(',', p.value, '@')) > 0)
GROUP BY user_name
ORDER BY idx
