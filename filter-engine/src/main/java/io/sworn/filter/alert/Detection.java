package io.sworn.filter.alert;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What makes an alert out of the events that a rule selects. All times are event times. */
public sealed interface Detection {

  /** The word for it in a rule's {@code type} and in alerts. */
  String type();

  /** Every selected event is an alert. */
  record Each() implements Detection {
    @Override
    public String type() {
      return "event";
    }
  }

  /**
   * So many events in any window of that length; the window slides.
   *
   * @param count from this many on
   * @param within length of the window, ends included
   */
  record Threshold(int count, Duration within) implements Detection {
    @Override
    public String type() {
      return "threshold";
    }
  }

  /**
   * So many different values in any window of that length.
   *
   * @param of where the values stand
   * @param count from this many different values on
   * @param within length of the window, ends included
   */
  record Distinct(EventPath of, int count, Duration within) implements Detection {
    @Override
    public String type() {
      return "distinct";
    }
  }

  /**
   * All steps of the rule within a window.
   *
   * @param ordered whether the steps must follow each other as they are listed
   * @param within length of the window, ends included
   */
  record Sequence(boolean ordered, Duration within) implements Detection {
    @Override
    public String type() {
      return "sequence";
    }
  }

  /**
   * A value that the group has not shown before, or not for long.
   *
   * @param of where the values stand; several together are one value
   * @param learn after a group's first event, values are only learned for so long
   * @param remember a value not seen for so long is forgotten
   * @param silentFor if given: not new values, but known ones that come back after so long
   */
  record FirstSeen(
      List<EventPath> of, Duration learn, Duration remember, @Nullable Duration silentFor)
      implements Detection {
    /** Copies the paths. */
    public FirstSeen {
      of = List.copyOf(of);
    }

    @Override
    public String type() {
      return "first-seen";
    }
  }

  /**
   * A group that has shown events shows none any more.
   *
   * @param every the longest time between two events
   */
  record Absence(Duration every) implements Detection {
    @Override
    public String type() {
      return "absence";
    }
  }

  /**
   * An event outside working hours.
   *
   * @param zone where the clock hangs
   * @param from working hours begin, included
   * @param to working hours end, excluded; before {@code from}: they end the next day
   * @param days on which working hours begin
   */
  record OffHours(ZoneId zone, LocalTime from, LocalTime to, Set<DayOfWeek> days)
      implements Detection {
    /** Copies the days. */
    public OffHours {
      days = Set.copyOf(days);
    }

    @Override
    public String type() {
      return "off-hours";
    }

    /** Whether an event at {@code time} lies outside working hours. */
    boolean outside(java.time.Instant time) {
      var local = time.atZone(zone);
      LocalTime clock = local.toLocalTime();
      if (from.isBefore(to)) {
        return !(days.contains(local.getDayOfWeek())
            && !clock.isBefore(from)
            && clock.isBefore(to));
      }
      boolean evening = days.contains(local.getDayOfWeek()) && !clock.isBefore(from);
      boolean morning = days.contains(local.getDayOfWeek().minus(1)) && clock.isBefore(to);
      return !evening && !morning;
    }
  }
}
