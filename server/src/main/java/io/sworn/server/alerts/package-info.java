/** Alerts and their rules as people look at them. */
@NullMarked
package io.sworn.server.alerts;

import org.jspecify.annotations.NullMarked;
