/**
 * MongoDB's query language as far as audit filters need it: text, then a small tree of predicates,
 * then a judgement. The tree knows nothing of how it is evaluated, so that another matcher can be
 * built from it.
 *
 * <p>Enter through {@link io.sworn.filter.language.FilterParser}.
 */
@NullMarked
package io.sworn.filter.language;

import org.jspecify.annotations.NullMarked;
