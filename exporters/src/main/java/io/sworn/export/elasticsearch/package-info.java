/**
 * Delivery to Elasticsearch 8 and 9: a data stream, {@code create} with the event's id, so that an
 * event that is sent twice is stored once.
 */
@NullMarked
package io.sworn.export.elasticsearch;

import org.jspecify.annotations.NullMarked;
