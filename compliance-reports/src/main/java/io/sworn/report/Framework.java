package io.sworn.report;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Controls of one standard and how each is decided.
 *
 * @param name name of the file without its ending
 * @param title name for people
 * @param controls in the order of the report
 * @param responsibilities who answers for what
 */
public record Framework(
    String name, String title, List<Control> controls, List<Responsibility> responsibilities) {

  /** Copies the lists. */
  public Framework {
    controls = List.copyOf(controls);
    responsibilities = List.copyOf(responsibilities);
  }

  /** How a control is decided. */
  public enum Rule {
    /** Such events must be there. */
    CAPTURED,
    /** Rows must be there and none of them may violate. */
    NONE,
    /** The archive must be what was signed. */
    INTEGRITY,
    /** Nothing may have got lost on the way. */
    PIPELINE,
    /** The run must have come soon after the period. */
    TIMELY
  }

  /** A sort of event that must have been seen before a control can be decided. */
  public enum Need {
    /** Logins that succeeded. */
    AUTH,
    /** Permitted commands; recorded only if the source is told to. */
    ALLOWED,
    /** Refused commands. */
    DENIED
  }

  /**
   * One control.
   *
   * @param id the standard's number
   * @param title short, own words
   * @param asks what it wants, own words
   * @param why why the events decide it, and what they leave open
   * @param metric name of the SQL file, null for rules without one
   * @param rule how it is decided
   * @param needs classes that must have been seen
   * @param found verdict if a row violates
   * @param clean verdict if none does
   * @param parameters printed with the verdict
   */
  public record Control(
      String id,
      String title,
      String asks,
      String why,
      @Nullable String metric,
      Rule rule,
      List<Need> needs,
      Verdict found,
      Verdict clean,
      SortedMap<String, List<String>> parameters) {}

  /** One row of the matrix: who answers, who helps. */
  public record Responsibility(
      String topic, String platform, String sworn, String customer, String evidence) {}
}
