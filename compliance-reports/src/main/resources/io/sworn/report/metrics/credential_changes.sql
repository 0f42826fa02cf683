-- Every change of a user, of a role or of what either may do.
SELECT idx, id, ts, user_name, remote_ip, atype, subject_user, result,
       atype = 'directAuthMutation' AS violation
FROM ev
WHERE atype IN ('createUser', 'dropUser', 'dropAllUsersFromDatabase', 'updateUser',
                'grantRolesToUser', 'revokeRolesFromUser', 'createRole', 'updateRole',
                'dropRole', 'dropAllRolesFromDatabase', 'grantRolesToRole',
                'revokeRolesFromRole', 'grantPrivilegesToRole', 'revokePrivilegesFromRole',
                'directAuthMutation')
ORDER BY idx
