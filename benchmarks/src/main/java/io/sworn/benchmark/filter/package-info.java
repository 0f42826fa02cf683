/** The compiled matcher beside Event Ruler: the same filters, the same events. */
@NullMarked
package io.sworn.benchmark.filter;

import org.jspecify.annotations.NullMarked;
