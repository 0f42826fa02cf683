/**
 * Connections: who may open one, TLS, bounds, and one command at a time.
 *
 * <p>Enter through {@link io.sworn.database.network.Listener}.
 */
@NullMarked
package io.sworn.database.network;

import org.jspecify.annotations.NullMarked;
