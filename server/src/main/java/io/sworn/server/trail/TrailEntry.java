package io.sworn.server.trail;

import io.sworn.event.LostRange;
import io.sworn.report.Period;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * What can be on record of Sworn itself: the one list of its types and their details.
 *
 * @param type {@code atype} of the event
 * @param param details; nothing secret
 * @param result 0, or MongoDB's code of a refusal
 */
public record TrailEntry(String type, BsonDocument param, int result) {

  /** Longer filters are told by their beginning; the store of filters has all of it. */
  private static final int FILTER_LENGTH_MAX = 16_384;

  private static final int NAME_LENGTH_MAX = 256;

  /** Further ranges are in their sum only; the topic of deliveries has all. */
  private static final int RANGES_MAX = 100;

  private static final int INTERNAL_ERROR = 1;
  private static final int BAD_VALUE = 2;
  private static final int AUTHENTICATION_FAILED = 18;

  /** The same, asked for and refused. */
  public TrailEntry refused() {
    return new TrailEntry(type, param, BAD_VALUE);
  }

  /** The same, begun and not brought to its end. */
  public TrailEntry failed() {
    return new TrailEntry(type, param, INTERNAL_ERROR);
  }

  /** A report is about to read the archive. */
  public static TrailEntry reportRun(String framework, Period period, String occasion) {
    return done(
        "reportRun",
        new BsonDocument("framework", new BsonString(framework))
            .append("from", new BsonDateTime(period.from().toEpochMilli()))
            .append("to", new BsonDateTime(period.to().toEpochMilli()))
            .append("occasion", new BsonString(occasion)));
  }

  /** Records were deleted from a route before their destination had them. */
  public static TrailEntry eventsLost(LostRange range) {
    BsonDocument param = new BsonDocument("destination", new BsonString(range.destination()));
    param.putAll(offsets(range));
    return done("eventsLost", param);
  }

  /** Somebody is about to answer for what a destination lost. */
  public static TrailEntry lossAcknowledged(
      String destination, List<LostRange> ranges, String reason) {
    BsonArray told = new BsonArray();
    ranges.stream().limit(RANGES_MAX).forEach(range -> told.add(offsets(range)));
    return done(
        "lossAcknowledged",
        new BsonDocument("destination", text(destination, NAME_LENGTH_MAX))
            .append("events", new BsonInt64(ranges.stream().mapToLong(LostRange::length).sum()))
            .append("ranges", told)
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** A filter is about to get a new version. */
  public static TrailEntry filterPut(
      String name, String filter, List<String> routes, boolean shadow, String reason) {
    BsonArray to = new BsonArray();
    routes.forEach(route -> to.add(text(route, NAME_LENGTH_MAX)));
    return done(
        "filterPut",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("filter", text(filter, FILTER_LENGTH_MAX))
            .append("routes", to)
            .append("shadow", BsonBoolean.valueOf(shadow))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** A filter is about to become what it was. */
  public static TrailEntry filterRollback(String name, int version, String reason) {
    return done(
        "filterRollback",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("version", new BsonInt32(version))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** A filter is about to judge no more. */
  public static TrailEntry filterDisable(String name, String reason) {
    return done(
        "filterDisable",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /**
   * A version of a filter judges: at each partition of the topic of events, every event from this
   * offset on, and none before it.
   *
   * @param label {@code name@version}
   */
  public static TrailEntry filterSwitched(String label, SortedMap<Integer, Long> from) {
    BsonArray offsets = new BsonArray();
    from.forEach(
        (partition, offset) ->
            offsets.add(
                new BsonDocument("partition", new BsonInt32(partition))
                    .append("offset", new BsonInt64(offset))));
    return done(
        "filterSwitched",
        new BsonDocument("filter", new BsonString(label)).append("from", offsets));
  }

  /**
   * Somebody is about to see which recorded events a new filter would treat otherwise.
   *
   * @param name of the live filter that it is compared with; null: one in a file
   * @param hours how far back
   */
  public static TrailEntry filterDiff(@Nullable String name, String filter, int hours) {
    BsonDocument param = new BsonDocument();
    if (name != null) {
      param.append("name", new BsonString(name));
    }
    return done(
        "filterDiff",
        param
            .append("filter", text(filter, FILTER_LENGTH_MAX))
            .append("hours", new BsonInt32(hours)));
  }

  /** An alert rule is about to get a new version. */
  public static TrailEntry alertPut(String name, String rule, String reason) {
    return done(
        "alertPut",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("rule", text(rule, FILTER_LENGTH_MAX))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** An alert rule is about to become what it was. */
  public static TrailEntry alertRollback(String name, int version, String reason) {
    return done(
        "alertRollback",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("version", new BsonInt32(version))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** An alert rule is about to make no more alerts. */
  public static TrailEntry alertDisable(String name, String reason) {
    return done(
        "alertDisable",
        new BsonDocument("name", text(name, NAME_LENGTH_MAX))
            .append("reason", text(reason, FILTER_LENGTH_MAX)));
  }

  /** Somebody is about to see events as they come. */
  public static TrailEntry tail(String topic) {
    return done("tail", new BsonDocument("topic", new BsonString(topic)));
  }

  /** Somebody is about to see what destinations refused. */
  public static TrailEntry deadLettersList(String topic) {
    return done("deadLettersList", new BsonDocument("topic", new BsonString(topic)));
  }

  /**
   * A visitor of the console does something, or is refused.
   *
   * @param action such as {@code SignedOut}
   * @param report which one is looked at
   */
  public static TrailEntry console(String action, boolean refused, @Nullable String report) {
    BsonDocument param = new BsonDocument();
    if (report != null) {
      param.append("report", new BsonString(report));
    }
    return new TrailEntry("console" + action, param, refused ? AUTHENTICATION_FAILED : 0);
  }

  private static BsonDocument offsets(LostRange range) {
    return new BsonDocument("topic", new BsonString(range.topic()))
        .append("partition", new BsonInt32(range.partition()))
        .append("from", new BsonInt64(range.from()))
        .append("to", new BsonInt64(range.to()));
  }

  private static TrailEntry done(String type, BsonDocument param) {
    return new TrailEntry(type, param, 0);
  }

  /** What was asked for may be refused for its length; it is told by its beginning. */
  private static BsonString text(String text, int max) {
    return new BsonString(
        text.getBytes(StandardCharsets.UTF_8).length <= max
            ? text
            : text.substring(0, max / 4) + "...");
  }
}
