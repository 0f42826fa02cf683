/**
 * The reports of one data directory: run on request and by the clock, listed, found again. Entered
 * through {@link io.sworn.server.reports.Reports}.
 */
@NullMarked
package io.sworn.server.reports;

import org.jspecify.annotations.NullMarked;
