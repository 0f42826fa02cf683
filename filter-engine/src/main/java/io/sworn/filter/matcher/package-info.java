/**
 * All active filters as one matcher that judges encoded events in place.
 *
 * <p>Enter through {@link io.sworn.filter.matcher.FilterMatcher}. The meaning of every operator is
 * that of {@link io.sworn.filter.language.Evaluator}; a property holds both equal.
 *
 * <p>The way of an event: {@code EncodedEvent} finds its fields, {@code PathWalker} lists the
 * values that a path leads to, {@code Partition} looks those up in indexes and finds the filters
 * that can match at all, and only their remaining {@code Node}s are evaluated.
 */
@NullMarked
package io.sworn.filter.matcher;

import org.jspecify.annotations.NullMarked;
