/** The embedded Connect worker, without a REST listener. */
@NullMarked
package io.sworn.server.connect;

import org.jspecify.annotations.NullMarked;
