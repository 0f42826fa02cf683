/**
 * Audit filters: what a filter is, what it says about an event, and where definitions live.
 *
 * <p>Enter through {@link io.sworn.filter.AuditFilter}; {@link io.sworn.filter.FilterStore} keeps
 * the definitions that a running engine takes up.
 */
@NullMarked
package io.sworn.filter;

import org.jspecify.annotations.NullMarked;
