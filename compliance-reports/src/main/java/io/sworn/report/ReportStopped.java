package io.sworn.report;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;

/** A run was ended by {@link ReportRunner#stop} before its report was complete; nothing is left. */
public final class ReportStopped extends SwornException {

  private static final long serialVersionUID = 1;

  ReportStopped() {
    super(ErrorCode.INTERNAL, "report: stopped before it was complete; run it again");
  }
}
