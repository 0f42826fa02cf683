/**
 * Says of a valid filter, before it judges anything, what is probably not meant so: that it can
 * never match, that it matches everything, that it asks for what no audit message holds.
 *
 * <p>Enter through {@link io.sworn.filter.lint.FilterLint}.
 */
@NullMarked
package io.sworn.filter.lint;

import org.jspecify.annotations.NullMarked;
