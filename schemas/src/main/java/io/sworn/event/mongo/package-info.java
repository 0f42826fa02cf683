/**
 * Audit messages in MongoDB's own shape: reading files, writing lines.
 *
 * <p>Enter through {@link io.sworn.event.mongo.MongoAuditMessage}.
 */
@NullMarked
package io.sworn.event.mongo;

import org.jspecify.annotations.NullMarked;
