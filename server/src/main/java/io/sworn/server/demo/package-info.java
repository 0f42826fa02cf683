/**
 * The demonstration: destinations on loopback, honest and hostile clients, and a count at each end.
 * Entry point: {@link io.sworn.server.demo.DemoCommand}.
 */
@NullMarked
package io.sworn.server.demo;

import org.jspecify.annotations.NullMarked;
