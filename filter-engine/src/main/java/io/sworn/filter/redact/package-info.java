/**
 * What must not leave with an event: values at chosen paths are dropped, masked, reduced to their
 * type or replaced by tokens before the copy enters a route's topic. The archive keeps the whole.
 */
@NullMarked
package io.sworn.filter.redact;

import org.jspecify.annotations.NullMarked;
