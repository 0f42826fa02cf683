/** The topics: created up front, and waited for. */
@NullMarked
package io.sworn.server.topics;

import org.jspecify.annotations.NullMarked;
