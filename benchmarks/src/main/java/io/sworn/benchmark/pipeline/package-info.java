/**
 * The filter engine's topology beside a bare Kafka Streams pass-through with the same settings, on
 * the same broker and the same events.
 */
@NullMarked
package io.sworn.benchmark.pipeline;

import org.jspecify.annotations.NullMarked;
