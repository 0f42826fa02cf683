package io.sworn.filter.alert;

import io.sworn.event.BsonBytes;
import io.sworn.event.EventId;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.matcher.FilterMatcher;
import io.sworn.filter.matcher.Judging;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules that an event concerns: the selections of all of them are one {@link
 * FilterMatcher}, as the filters are. Not thread-safe: each thread has its own.
 */
public final class AlertMatcher {

  private record Candidate(AlertRule rule, int step) {}

  private final List<Candidate> candidates = new ArrayList<>();
  private final Judging judging;

  /** Over {@code rules}. */
  public AlertMatcher(Iterable<AlertRule> rules) {
    List<AuditFilter> filters = new ArrayList<>();
    for (AlertRule rule : rules) {
      for (int i = 0; i < rule.steps().size(); i++) {
        candidates.add(new Candidate(rule, i));
        filters.add(rule.steps().get(i).filter());
      }
    }
    judging = AuditFilter.matcher(filters).judging();
  }

  /** An alert about an alert would feed on itself. */
  private static boolean isForRules(String type) {
    return !type.equals(Alert.EVENT_TYPE) && !type.equals(Alert.NOTICE_TYPE);
  }

  /**
   * The hits of an encoded event. A filter that cannot decide counts as one that selects.
   *
   * @param frame as the topic of events holds it
   * @param type of the event
   * @param message as {@code MongoAuditMessage.toMessage} gives it; asked only if a rule selects
   * @param id of the event
   * @param time of the event
   * @throws io.sworn.event.UnreadableEventException if it is no readable event
   */
  public List<Hit> match(
      byte[] frame, String type, Supplier<BsonDocument> message, EventId id, Instant time) {
    if (!isForRules(type)) {
      return List.of();
    }
    judging.judge(frame);
    return judging.kept() == 0 ? List.of() : hits(message.get(), id, time);
  }

  /** The hits of an audit message. */
  public List<Hit> match(BsonDocument message, EventId id, Instant time) {
    BsonValue atype = message.get("atype");
    if (atype != null && atype.isString() && !isForRules(atype.asString().getValue())) {
      return List.of();
    }
    judging.judgeMessage(BsonBytes.of(message).array());
    return hits(message, id, time);
  }

  private List<Hit> hits(BsonDocument message, EventId id, Instant time) {
    List<Hit> hits = new ArrayList<>();
    long micros = micros(time);
    IntStream.range(0, judging.kept())
        .map(judging::kept)
        .sorted()
        .forEach(number -> hit(candidates.get(number), message, id, micros, hits));
    return hits;
  }

  private static void hit(
      Candidate candidate, BsonDocument message, EventId id, long time, List<Hit> hits) {
    AlertRule rule = candidate.rule;
    if (rule.detection() instanceof Detection.OffHours hours && !hours.outside(instant(time))) {
      return;
    }
    List<@Nullable String> group = new ArrayList<>();
    for (EventPath path : rule.steps().get(candidate.step).group()) {
      group.add(path.value(message));
    }
    List<String> values = values(rule.detection(), message);
    if (values != null) {
      hits.add(new Hit(rule.key(), candidate.step, group, time, id, values));
    }
  }

  /** Null: the event has no value to compare, and so does not concern the rule. */
  private static @Nullable List<String> values(Detection detection, BsonDocument message) {
    if (detection instanceof Detection.Distinct distinct) {
      List<String> values = distinct.of().values(message);
      return values.isEmpty() ? null : values;
    }
    if (detection instanceof Detection.FirstSeen first) {
      List<String> parts = new ArrayList<>();
      for (EventPath path : first.of()) {
        String part = path.value(message);
        if (part == null) {
          return null;
        }
        parts.add(part);
      }
      if (parts.size() > 1) { // a blank between two values must not be one within a value
        parts.replaceAll(part -> part.replace("\\", "\\\\").replace(" ", "\\ "));
      }
      return List.of(String.join(" ", parts));
    }
    return List.of();
  }

  static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }
}
