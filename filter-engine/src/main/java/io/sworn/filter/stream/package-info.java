/**
 * Filters on Kafka Streams: every audit event is judged once and copied to the routes that want it.
 *
 * <p>Enter through {@link io.sworn.filter.stream.FilterEngine}.
 */
@NullMarked
package io.sworn.filter.stream;

import org.jspecify.annotations.NullMarked;
