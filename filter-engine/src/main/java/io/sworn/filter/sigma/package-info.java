/**
 * Sigma rules and correlations (specification 2.1.0) become alert rules. What cannot be expressed
 * is refused with its place and the reason, never weakened.
 *
 * <p>Enter through {@link io.sworn.filter.sigma.SigmaImport}.
 */
@NullMarked
package io.sworn.filter.sigma;

import org.jspecify.annotations.NullMarked;
