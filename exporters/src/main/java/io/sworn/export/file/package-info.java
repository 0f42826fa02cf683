/**
 * Delivery to a file: a line of JSON for each event, fsynced before it counts as delivered, and no
 * line twice after a restart.
 */
@NullMarked
package io.sworn.export.file;

import org.jspecify.annotations.NullMarked;
