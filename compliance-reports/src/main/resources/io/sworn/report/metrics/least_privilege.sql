-- Accounts that acted, with one of "roles" and without; one that held such a role and is not among
-- "administrators" is against the control. The row is the account's last such action.
WITH acted AS (
  SELECT idx, id, ts, user_name, roles,
         EXISTS (SELECT 1 FROM parameter p
                 WHERE p.name = 'roles' AND strpos(roles, concat(',', p.value, '@')) > 0) AS wide
  FROM ev
  WHERE user_name IS NOT NULL
)
SELECT max(idx) AS idx, max_by(id, idx) AS id, max(ts) AS ts, user_name,
       max_by(roles, idx) AS roles, count(*) AS actions, wide,
       wide AND user_name NOT IN (SELECT value FROM parameter WHERE name = 'administrators')
         AS violation
FROM acted
GROUP BY user_name, wide
ORDER BY idx
