/** Measurements, run by {@code benchmarks/run database}; they assert nothing. */
@org.jspecify.annotations.NullMarked
package io.sworn.database.benchmark;
