package io.sworn.filter.alert;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventId;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * A rule has found something. Every id resolves in the archive, so that whoever doubts an alert can
 * look at the events that made it.
 *
 * @param rule which rule
 * @param version which version of it
 * @param severity copied from the rule
 * @param title copied from the rule
 * @param type sort of rule
 * @param tags copied from the rule
 * @param group path and value; null where the events have none
 * @param from time of the first event
 * @param to time of the last event; of an absence the time by which one was due
 * @param count events that made it
 * @param first id of the first event
 * @param last id of the last event
 * @param samples ids of at most {@value #SAMPLES_MAX} events, first and last among them
 * @param values what was counted or new, at most {@value #SAMPLES_MAX}
 * @param sources where group and values come from
 * @param suppressed selected events of the group that were held back since its previous alert
 */
public record Alert(
    String rule,
    int version,
    Severity severity,
    String title,
    String type,
    List<String> tags,
    SortedMap<String, @Nullable String> group,
    Instant from,
    Instant to,
    int count,
    EventId first,
    EventId last,
    List<EventId> samples,
    List<String> values,
    Sources sources,
    long suppressed) {

  /** The type ({@code atype}) of an alert as an event. */
  public static final String EVENT_TYPE = "alert";

  /** The type of the event that tells what a rule could not count. */
  public static final String NOTICE_TYPE = "alertNotice";

  /** Member of {@code param}: values by which the events belong together. */
  public static final String GROUP = "group";

  /** Member of {@code param}: what was counted or new. */
  public static final String VALUES = "values";

  /**
   * Member of {@code param}: for {@link #GROUP} (by member) and {@link #VALUES}, the paths of the
   * events that the values come from. Redaction goes by it.
   */
  public static final String SOURCES = "sources";

  /** The members of {@code param} that repeat no value of an event. */
  public static final Set<String> PLAIN =
      Set.of(
          "rule",
          "version",
          "title",
          "severity",
          "type",
          "tags",
          "count",
          "window",
          "first",
          "last",
          "samples",
          SOURCES,
          "suppressed");

  static final int SAMPLES_MAX = 10;

  /**
   * Paths of the events that an alert's values come from.
   *
   * @param group for each path of the group
   * @param values for the values, empty if there are none
   */
  public record Sources(SortedMap<String, Set<String>> group, Set<String> values) {
    /** Copies both, sorted. */
    public Sources {
      TreeMap<String, Set<String>> sorted = new TreeMap<>();
      group.forEach((path, sources) -> sorted.put(path, new TreeSet<>(sources)));
      group = sorted;
      values = new TreeSet<>(values);
    }

    private BsonDocument toBson() {
      BsonDocument groups = new BsonDocument();
      group.forEach(
          (path, sources) -> {
            // Two paths may have one key: then what either says holds.
            Set<String> all = new TreeSet<>(sources);
            groups
                .getArray(key(path), new BsonArray())
                .forEach(one -> all.add(one.asString().getValue()));
            groups.put(key(path), texts(List.copyOf(all)));
          });
      return new BsonDocument(GROUP, groups).append(VALUES, texts(List.copyOf(values)));
    }
  }

  /** Copies lists and group. */
  public Alert {
    tags = List.copyOf(tags);
    samples = List.copyOf(samples);
    values = List.copyOf(values);
    group = new TreeMap<>(group);
  }

  /**
   * The alert as an event of Sworn's own: archived, filtered and delivered like every other.
   *
   * @param position in the trail of alerts
   * @param observed when it was found
   */
  public AuditEvent toEvent(SourcePosition position, Instant observed) {
    BsonDocument groups = new BsonDocument();
    group.forEach(
        (path, value) -> groups.put(key(path), value == null ? BsonNull.VALUE : text(value)));
    BsonDocument param =
        new BsonDocument("rule", text(rule))
            .append("version", new BsonInt32(version))
            .append("title", text(title))
            .append("severity", text(severity.text()))
            .append("type", text(type))
            .append("tags", texts(tags))
            .append(GROUP, groups)
            .append("count", new BsonInt32(count))
            .append(
                "window",
                new BsonDocument("from", new BsonDateTime(from.toEpochMilli()))
                    .append("to", new BsonDateTime(to.toEpochMilli())))
            .append("first", text(first.toString()))
            .append("last", text(last.toString()))
            .append("samples", texts(samples.stream().map(EventId::toString).toList()))
            .append(VALUES, texts(values))
            .append(SOURCES, sources.toBson())
            .append("suppressed", new BsonInt64(suppressed));
    return AuditEvent.builder(position, EventKind.SWORN, EVENT_TYPE)
        .time(to)
        .observed(observed)
        .param(BsonBytes.of(param))
        .build();
  }

  /** A dot in a key would split the path of whoever filters alerts by it. */
  private static String key(String path) {
    return path.replace('.', '_').replace("$", "");
  }

  private static BsonString text(String value) {
    return new BsonString(value);
  }

  private static BsonArray texts(List<String> values) {
    return new BsonArray(values.stream().map(BsonString::new).toList());
  }
}
