package io.sworn.filter.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.event.EventId;
import io.sworn.filter.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules that an event concerns. Holds no state; safe for any thread. Steps that ask for
 * one {@code atype} are found by it, so that an event costs what its own rules cost.
 */
public final class AlertMatcher {

  private record Candidate(AlertRule rule, int step) {}

  private final Map<String, List<Candidate>> byType = new HashMap<>();
  private final List<Candidate> always = new ArrayList<>();

  /** Over {@code rules}. */
  public AlertMatcher(Iterable<AlertRule> rules) {
    for (AlertRule rule : rules) {
      for (int i = 0; i < rule.steps().size(); i++) {
        Candidate candidate = new Candidate(rule, i);
        Set<String> types = types(rule.steps().get(i).select());
        if (types == null) {
          always.add(candidate);
        } else {
          types.forEach(
              type -> byType.computeIfAbsent(type, t -> new ArrayList<>()).add(candidate));
        }
      }
    }
  }

  /** Whether an event of this type can concern a rule: if not, its message need not be built. */
  public boolean concerns(String type) {
    return isForRules(type) && (!always.isEmpty() || byType.containsKey(type));
  }

  /** An alert about an alert would feed on itself. */
  private static boolean isForRules(String type) {
    return !type.equals(Alert.EVENT_TYPE) && !type.equals(Alert.NOTICE_TYPE);
  }

  /**
   * The hits of an audit message. A filter that cannot decide counts as one that selects.
   *
   * @param message as {@code MongoAuditMessage.toMessage} gives it
   * @param id of the event
   * @param time of the event
   */
  public List<Hit> match(BsonDocument message, EventId id, Instant time) {
    BsonValue atype = message.get("atype");
    String type = atype != null && atype.isString() ? atype.asString().getValue() : "";
    if (!isForRules(type)) {
      return List.of();
    }
    List<Hit> hits = new ArrayList<>();
    long micros = micros(time);
    for (Candidate candidate : byType.getOrDefault(type, List.of())) {
      judge(candidate, message, id, micros, hits);
    }
    for (Candidate candidate : always) {
      judge(candidate, message, id, micros, hits);
    }
    return hits;
  }

  private static void judge(
      Candidate candidate, BsonDocument message, EventId id, long time, List<Hit> hits) {
    AlertRule rule = candidate.rule;
    AlertRule.Step step = rule.steps().get(candidate.step);
    if (step.filter().judge(message) == Decision.DROP) {
      return;
    }
    if (rule.detection() instanceof Detection.OffHours hours && !hours.outside(instant(time))) {
      return;
    }
    List<@Nullable String> group = new ArrayList<>();
    for (EventPath path : step.group()) {
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

  /** The types that a selection asks for by name; null if it may match any. */
  private static @Nullable Set<String> types(String select) {
    JsonNode node;
    try {
      node = new ObjectMapper().readTree(select);
    } catch (JsonProcessingException e) {
      return null; // the relaxed form: judged for every event
    }
    return types(node);
  }

  private static @Nullable Set<String> types(JsonNode filter) {
    Set<String> own = named(filter.path("atype"));
    if (own != null) {
      return own;
    }
    for (JsonNode part : filter.path("$and")) {
      Set<String> types = types(part);
      if (types != null) {
        return types;
      }
    }
    Set<String> union = new HashSet<>();
    for (JsonNode part : filter.path("$or")) {
      Set<String> types = types(part);
      if (types == null) {
        return null;
      }
      union.addAll(types);
    }
    return union.isEmpty() ? null : union;
  }

  private static @Nullable Set<String> named(JsonNode atype) {
    if (atype.isTextual()) {
      return Set.of(atype.asText());
    }
    if (atype.path("$eq").isTextual()) {
      return Set.of(atype.path("$eq").asText());
    }
    JsonNode listed = atype.path("$in");
    if (!listed.isArray() || listed.isEmpty()) {
      return null;
    }
    Set<String> types = new HashSet<>();
    for (JsonNode item : listed) {
      if (!item.isTextual()) {
        return null;
      }
      types.add(item.asText());
    }
    return types;
  }
}
