/** Contracts with a broker that runs in a container; part of the profile {@code containers}. */
@NullMarked
package io.sworn.server.containers;

import org.jspecify.annotations.NullMarked;
