package io.sworn.filter.alert;

import java.util.Locale;

/** How grave an alert is; the five levels that Sigma and most SIEMs know. */
public enum Severity {
  /** Worth knowing. */
  INFORMATIONAL,
  /** To be looked at some day. */
  LOW,
  /** To be looked at. */
  MEDIUM,
  /** To be looked at today. */
  HIGH,
  /** To be looked at now. */
  CRITICAL;

  /** The name in rules and alerts, lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
