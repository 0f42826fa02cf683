/**
 * The {@code sworn} command: starts the roles, the embedded broker and the Connect worker.
 *
 * <p>Enter through {@link io.sworn.server.Sworn}.
 */
@NullMarked
package io.sworn.server;

import org.jspecify.annotations.NullMarked;
