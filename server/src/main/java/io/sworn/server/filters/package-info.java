/** Filter definitions that a start puts into the store. */
@NullMarked
package io.sworn.server.filters;

import org.jspecify.annotations.NullMarked;
