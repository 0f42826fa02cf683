/**
 * Who somebody is: users, their credentials, and SCRAM-SHA-256.
 *
 * <p>{@link io.sworn.database.authentication.UserStore} keeps the users, {@link
 * io.sworn.database.authentication.ScramConversation} is one login, {@link
 * io.sworn.database.authentication.LoginThrottle} slows guessing.
 */
@NullMarked
package io.sworn.database.authentication;

import org.jspecify.annotations.NullMarked;
