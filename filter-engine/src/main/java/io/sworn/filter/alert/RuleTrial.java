package io.sworn.filter.alert;

import io.sworn.event.EventId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;

/** Tries rules out on messages: the same matcher and the same book as in the running engine. */
public final class RuleTrial {

  private final AlertMatcher matcher;
  private final AlertBook book;
  private long sequence;
  private Instant newest = Instant.MIN;

  /** Over {@code rules}, without any memory. */
  public RuleTrial(List<AlertRule> rules) {
    matcher = new AlertMatcher(rules);
    book = new AlertBook(rules, AlertJournal.none());
  }

  /**
   * The next message.
   *
   * @param message with {@code ts}, a date
   * @param number of its line, by which alerts name it
   */
  public List<Alert> add(BsonDocument message, long number) {
    Instant time = Instant.ofEpochMilli(message.getDateTime("ts").getValue());
    List<Alert> alerts = new ArrayList<>();
    for (Hit hit : matcher.match(message, new EventId(0, number), time)) {
      alerts.addAll(book.accept(hit));
    }
    if (time.isAfter(newest)) {
      newest = time;
    }
    alerts.addAll(book.advance(newest));
    return alerts;
  }

  /** The alerts that are due if nothing else has come up to {@code time}. */
  public List<Alert> until(Instant time) {
    return time.isAfter(newest) ? book.advance(time) : List.of();
  }

  /** The number of the message that has this id. */
  public static long number(EventId id) {
    return id.low();
  }

  /** What was selected, suppressed, late. */
  public java.util.SortedMap<String, RuleCounts> counts() {
    return book.counts();
  }

  /** Which samples of a rule do not come out as they say; empty if all do. */
  public static List<String> problems(AlertRule rule) {
    List<String> problems = new ArrayList<>();
    check(rule, "fires", rule.samples().fires(), 1, problems);
    check(rule, "silent", rule.samples().silent(), 0, problems);
    return problems;
  }

  private static void check(
      AlertRule rule, String kind, List<Samples.Sample> samples, int due, List<String> problems) {
    for (int i = 0; i < samples.size(); i++) {
      int alerts = of(rule, samples.get(i)).size();
      if (alerts != due) {
        problems.add(kind + "[" + i + "]: " + alerts + " alerts");
      }
    }
  }

  /** The alerts of one sample of a rule. */
  public static List<Alert> of(AlertRule rule, Samples.Sample sample) {
    RuleTrial trial = new RuleTrial(List.of(rule));
    List<Alert> alerts = new ArrayList<>();
    for (BsonDocument message : sample.messages()) {
      alerts.addAll(trial.add(message, ++trial.sequence));
    }
    if (!sample.until().equals(Instant.MIN)) {
      alerts.addAll(trial.until(sample.until()));
    }
    return alerts;
  }
}
