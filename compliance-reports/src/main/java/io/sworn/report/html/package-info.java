/** The report as one self-contained page, rendered from the JSON model and nothing else. */
@NullMarked
package io.sworn.report.html;

import org.jspecify.annotations.NullMarked;
