package io.sworn.filter.alert;

import java.time.Instant;
import java.util.List;
import org.bson.BsonDocument;

/**
 * Examples that travel with a rule.
 *
 * @param fires each makes exactly one alert
 * @param silent none makes an alert
 */
public record Samples(List<Sample> fires, List<Sample> silent) {

  /** No examples. */
  public static final Samples NONE = new Samples(List.of(), List.of());

  /** Copies the lists. */
  public Samples {
    fires = List.copyOf(fires);
    silent = List.copyOf(silent);
  }

  /**
   * Messages, and the time up to which nothing else came.
   *
   * @param messages audit messages with {@code ts}
   * @param until for rules of absence
   */
  public record Sample(List<BsonDocument> messages, Instant until) {
    /** Copies the list. */
    public Sample {
      messages = List.copyOf(messages);
    }
  }
}
