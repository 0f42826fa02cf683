/** Tests of the console over real HTTPS. */
@NullMarked
package io.sworn.console;

import org.jspecify.annotations.NullMarked;
