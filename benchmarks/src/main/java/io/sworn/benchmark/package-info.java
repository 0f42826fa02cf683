/** Measurements beside peers, in the same run. Enter through {@code benchmarks/run}. */
@NullMarked
package io.sworn.benchmark;

import org.jspecify.annotations.NullMarked;
