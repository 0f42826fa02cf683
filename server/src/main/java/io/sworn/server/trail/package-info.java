/**
 * What is done to Sworn itself, as audit events of a trail of its own: entered through {@link
 * io.sworn.server.trail.SwornTrail}, sent by {@link io.sworn.server.trail.TrailShipper}.
 */
@NullMarked
package io.sworn.server.trail;

import org.jspecify.annotations.NullMarked;
