/**
 * The command line. Results go to standard output, messages to standard error; exit code 0 fine, 1
 * failed, 2 bad input. Enter through {@link io.sworn.server.cli.Main}.
 */
@NullMarked
package io.sworn.server.cli;

import org.jspecify.annotations.NullMarked;
