package io.sworn.filter.alert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.ExtendedJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;

/**
 * Reads the samples of a rule. A sample is a list of audit messages, or {@code {events: [...],
 * until: 1h}}. A message may say {@code at: 10s} (after Monday, 2 March 2026, 10:00 UTC) in place
 * of {@code ts}, and {@code times} and {@code every} for repetitions, in whose texts {@code {n}} is
 * the number.
 */
final class SampleReader {

  private static final Instant BEGIN = Instant.parse("2026-03-02T10:00:00Z");
  private static final int MESSAGES_MAX = 10_000;

  private SampleReader() {}

  static Samples read(RuleFields rule) {
    JsonNode node = rule.node("samples");
    if (node == null) {
      return Samples.NONE;
    }
    RuleFields fields = new RuleFields("samples", node);
    Samples samples = new Samples(list(fields, "fires"), list(fields, "silent"));
    fields.end();
    return samples;
  }

  private static List<Samples.Sample> list(RuleFields fields, String key) {
    JsonNode node = fields.node(key);
    List<Samples.Sample> samples = new ArrayList<>();
    if (node == null) {
      return samples;
    }
    if (!node.isArray()) {
      throw fields.wrong(key, node, "a list of samples");
    }
    for (int i = 0; i < node.size(); i++) {
      samples.add(sample(fields.at(key) + "[" + i + "]", node.get(i)));
    }
    return samples;
  }

  private static Samples.Sample sample(String path, JsonNode node) {
    JsonNode events = node;
    Instant until = Instant.MIN;
    if (node.isObject()) {
      RuleFields fields = new RuleFields(path, node);
      events = fields.required("events", "a list of messages");
      until =
          BEGIN.plus(fields.duration("until", Duration.ZERO, Duration.ZERO, RuleReader.LONGEST));
      fields.end();
    }
    if (!events.isArray()) {
      throw new InvalidRuleException(
          path, RuleFields.shown(events) + ": a list of messages expected");
    }
    List<BsonDocument> messages = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      repeat(path + "[" + i + "]", events.get(i), messages);
    }
    return new Samples.Sample(messages, until);
  }

  private static void repeat(String path, JsonNode node, List<BsonDocument> into) {
    RuleFields fields = new RuleFields(path, node);
    int times = fields.number("times", 1, 1, MESSAGES_MAX);
    Duration at = fields.duration("at", Duration.ZERO, Duration.ZERO, RuleReader.LONGEST);
    Duration every =
        fields.duration("every", Duration.ofSeconds(1), Duration.ZERO, RuleReader.LONGEST);
    ObjectNode message = ((ObjectNode) node).deepCopy();
    message.remove(List.of("times", "at", "every"));
    String text = message.toString();
    if (into.size() + times > MESSAGES_MAX) {
      throw new InvalidRuleException(path, "more than " + MESSAGES_MAX + " messages in a sample");
    }
    for (int n = 0; n < times; n++) {
      try {
        BsonDocument parsed = ExtendedJson.parse(text.replace("{n}", Integer.toString(n)));
        if (!parsed.containsKey("ts")) {
          Instant time = BEGIN.plus(at).plus(every.multipliedBy(n));
          parsed.put("ts", new BsonDateTime(time.toEpochMilli()));
        }
        into.add(parsed);
      } catch (UnreadableEventException e) {
        throw new InvalidRuleException(path, String.valueOf(e.getMessage()));
      }
    }
  }
}
