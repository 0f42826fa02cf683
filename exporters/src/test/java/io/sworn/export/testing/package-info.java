/** Contract tests and fixtures for exporters, published as a test jar. */
@NullMarked
package io.sworn.export.testing;

import org.jspecify.annotations.NullMarked;
