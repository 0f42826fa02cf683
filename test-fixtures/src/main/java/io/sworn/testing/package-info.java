/**
 * Real parts that the tests of several modules need. Never on the class path of anything shipped;
 * knows no other module, so that every module may use it.
 */
@NullMarked
package io.sworn.testing;

import org.jspecify.annotations.NullMarked;
