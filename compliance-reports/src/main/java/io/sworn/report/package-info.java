/**
 * Compliance reports: a framework of controls is judged against the archive. Enter through {@link
 * io.sworn.report.ReportRunner}; {@link io.sworn.report.ReportStore} finds what was written.
 */
@NullMarked
package io.sworn.report;

import org.jspecify.annotations.NullMarked;
