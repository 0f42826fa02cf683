/**
 * The web page of a running Sworn: the numbers of the flow as they change, and the reports. Entry
 * point: {@link io.sworn.console.Console#start}; whoever hosts it supplies a {@link
 * io.sworn.console.ConsoleData}.
 *
 * <p>The console holds no data of its own. It reads, shows, and hands every sign-in, sign-out and
 * report view back to its host, so that looking at evidence leaves evidence.
 */
@NullMarked
package io.sworn.console;

import org.jspecify.annotations.NullMarked;
