package io.sworn.filter.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is particular to each type of rule. */
final class DetectionReader {

  /** Highest count of a threshold: so many events of one group are remembered. */
  static final int COUNT_MAX = 5_000;

  private static final int DISTINCT_MAX = 1_000;
  private static final int STEPS_MAX = 16;
  private static final int STEP_EVENTS_MAX = 100;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Pattern HOURS = Pattern.compile("(\\d\\d:\\d\\d)-(\\d\\d:\\d\\d)");
  private static final String TYPES =
      "event, threshold, distinct, sequence, first-seen, absence or off-hours";

  /**
   * What was read.
   *
   * @param suppress default of {@code suppress} for this detection
   */
  record Detected(Detection detection, List<AlertRule.Step> steps, Duration suppress) {}

  private final RuleFields fields;
  private final List<EventPath> group;
  private final Duration lateness;

  private DetectionReader(RuleFields fields, List<EventPath> group, Duration lateness) {
    this.fields = fields;
    this.group = group;
    this.lateness = lateness;
  }

  static Detected read(RuleFields fields, List<EventPath> group, Duration lateness) {
    String type = fields.required("type", TYPES).asText();
    DetectionReader reader = new DetectionReader(fields, group, lateness);
    return switch (type) {
      case "event" -> reader.single(new Detection.Each(), Duration.ZERO);
      case "threshold" -> reader.threshold();
      case "distinct" -> reader.distinct();
      case "sequence" -> reader.sequence();
      case "first-seen" -> reader.firstSeen();
      case "absence" ->
          reader.single(
              new Detection.Absence(
                  fields.duration("every", null, SECOND.multipliedBy(10), RuleReader.LONGEST)),
              Duration.ZERO);
      case "off-hours" -> reader.offHours();
      default -> throw new InvalidRuleException("type", "'" + type + "': " + TYPES + " expected");
    };
  }

  private Detected single(Detection detection, Duration suppress) {
    return new Detected(
        detection, List.of(RuleReader.step(fields, detection.type(), 1, group)), suppress);
  }

  private Detected threshold() {
    Duration within = RuleReader.window(fields);
    int count = fields.number("count", null, 2, COUNT_MAX);
    // Below the threshold each window holds less than count, so this bounds what a group can hold.
    long windows = lateness.toSeconds() / Math.max(1, within.toSeconds()) + 2;
    if (windows * count > 10L * COUNT_MAX) {
      throw new InvalidRuleException(
          "within",
          RuleFields.text(within)
              + " with a lateness of "
              + RuleFields.text(lateness)
              + " would remember up to "
              + windows * count
              + " events of a group: lengthen the window, or lower count or lateness");
    }
    return single(new Detection.Threshold(count, within), within);
  }

  private Detected distinct() {
    Duration within = RuleReader.window(fields);
    EventPath of =
        RuleReader.path(
            fields, "of", fields.required("of", "a path").asText(), fields.node("network"));
    int count = fields.number("count", null, 2, DISTINCT_MAX);
    return single(new Detection.Distinct(of, count, within), within);
  }

  private Detected sequence() {
    Duration within = RuleReader.window(fields);
    boolean ordered = fields.flag("ordered", true);
    JsonNode listed = fields.required("steps", "a list of steps");
    if (!listed.isArray() || listed.size() < 2 || listed.size() > STEPS_MAX) {
      throw fields.wrong("steps", listed, "a list of 2 to " + STEPS_MAX + " steps");
    }
    List<AlertRule.Step> steps = new ArrayList<>();
    int events = 0;
    for (int i = 0; i < listed.size(); i++) {
      RuleFields step = new RuleFields("steps[" + i + "]", listed.get(i));
      List<EventPath> own = new ArrayList<>();
      for (String path : step.texts("group")) {
        own.add(RuleReader.path(step, "group", path, null));
      }
      if (!own.isEmpty() && own.size() != group.size()) {
        throw new InvalidRuleException(
            step.at("group"),
            own.size() + " paths: as many as the rule's own group has, " + group.size());
      }
      int count = step.number("count", 1, 1, STEP_EVENTS_MAX);
      events += count;
      steps.add(
          RuleReader.step(
              step, step.text("name", "step " + (i + 1)), count, own.isEmpty() ? group : own));
      step.end();
    }
    if (events > STEP_EVENTS_MAX) {
      throw new InvalidRuleException(
          "steps", events + " events in all: at most " + STEP_EVENTS_MAX + ", lower the counts");
    }
    return new Detected(new Detection.Sequence(ordered, within), steps, within);
  }

  private Detected firstSeen() {
    List<EventPath> of = new ArrayList<>();
    JsonNode network = fields.node("network");
    for (String path : fields.texts("of")) {
      of.add(RuleReader.path(fields, "of", path, network));
    }
    if (of.isEmpty()) {
      throw new InvalidRuleException("of", "missing: a path or a list of paths expected");
    }
    Duration learn =
        fields.duration("learn", Duration.ofDays(7), Duration.ZERO, RuleReader.LONGEST);
    Duration remember =
        fields.duration("remember", Duration.ofDays(90), SECOND, RuleReader.LONGEST);
    @Nullable Duration silent =
        fields.node("silent-for") == null
            ? null
            : fields.duration("silent-for", null, SECOND, RuleReader.LONGEST);
    if (silent != null && silent.compareTo(remember) >= 0) {
      throw new InvalidRuleException(
          "silent-for",
          RuleFields.text(silent)
              + ": shorter than remember ("
              + RuleFields.text(remember)
              + ") expected, or the value is forgotten before it comes back");
    }
    return single(new Detection.FirstSeen(of, learn, remember, silent), Duration.ZERO);
  }

  private Detected offHours() {
    String zone = fields.required("zone", "a time zone, such as Europe/Berlin").asText();
    ZoneId id;
    try {
      id = ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new InvalidRuleException(
          "zone", "'" + zone + "': a time zone such as Europe/Berlin or UTC expected");
    }
    String hours = fields.required("hours", "working hours, such as 08:00-18:00").asText();
    Matcher matcher = HOURS.matcher(hours);
    LocalTime from;
    LocalTime to;
    try {
      if (!matcher.matches()) {
        throw new DateTimeException(hours);
      }
      from = LocalTime.parse(matcher.group(1));
      to = matcher.group(2).equals("24:00") ? LocalTime.MAX : LocalTime.parse(matcher.group(2));
    } catch (DateTimeException e) {
      throw new InvalidRuleException(
          "hours", "'" + hours + "': working hours such as \"08:00-18:00\" expected");
    }
    if (from.equals(to)) {
      throw new InvalidRuleException("hours", "'" + hours + "': begin and end are the same");
    }
    return single(new Detection.OffHours(id, from, to, days()), Duration.ofHours(1));
  }

  private Set<DayOfWeek> days() {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String text : fields.texts("days")) {
      DayOfWeek found = null;
      for (DayOfWeek day : DayOfWeek.values()) {
        if (day.name().substring(0, 3).equals(text.toUpperCase(Locale.ROOT))) {
          found = day;
        }
      }
      if (found == null) {
        throw new InvalidRuleException(
            "days", "'" + text + "': mon, tue, wed, thu, fri, sat or sun expected");
      }
      days.add(found);
    }
    return days.isEmpty() ? EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY) : days;
  }
}
