/**
 * Keys, certificates and credentials that Sworn makes for itself, readable by their owner alone.
 */
@NullMarked
package io.sworn.server.identity;

import org.jspecify.annotations.NullMarked;
