/**
 * Receivers on the loopback interface that follow the protocols of real destinations, with faults
 * that can be switched: for tests, and for the demo, which counts what really arrived.
 */
@NullMarked
package io.sworn.export.loopback;

import org.jspecify.annotations.NullMarked;
