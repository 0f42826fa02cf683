/**
 * Who may do what. Deny by default: {@link io.sworn.database.authorization.CommandTable} is the one
 * place that knows which actions a command needs, {@link
 * io.sworn.database.authorization.BuiltInRoles} the one that knows which actions a role grants;
 * what stands in neither is refused.
 */
@NullMarked
package io.sworn.database.authorization;

import org.jspecify.annotations.NullMarked;
