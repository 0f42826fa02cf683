/** Reports by the clock, hosted by Quartz; missed periods are made up and shown as missed. */
@NullMarked
package io.sworn.report.schedule;

import org.jspecify.annotations.NullMarked;
