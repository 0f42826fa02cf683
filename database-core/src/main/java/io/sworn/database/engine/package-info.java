/**
 * The document database proper: runs data commands, knows nothing of the network, of users or of
 * rights.
 *
 * <p>Enter through {@link io.sworn.database.engine.Engine}. A command comes in as a BSON document
 * and goes out as a reply document; whatever the engine cannot do exactly as MongoDB does it, it
 * refuses with MongoDB's own error code instead of doing something else.
 */
@NullMarked
package io.sworn.database.engine;

import org.jspecify.annotations.NullMarked;
