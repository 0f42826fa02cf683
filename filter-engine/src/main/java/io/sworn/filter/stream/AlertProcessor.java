package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.SourcePosition;
import io.sworn.event.Topics;
import io.sworn.filter.alert.Alert;
import io.sworn.filter.alert.AlertBook;
import io.sworn.filter.alert.AlertJournal;
import io.sworn.filter.alert.Hit;
import io.sworn.filter.alert.Notice;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Second half of the alert topology: keeps the state of the rules and writes alerts as events.
 * State, the number of the last alert and the alerts themselves are one transaction.
 */
final class AlertProcessor implements Processor<byte[], byte[], byte[], Outgoing> {

  static final String STORE = "alert-rules";

  /** Beginning of the trails of alerts. */
  static final String TRAIL = "sworn/alerts-";

  private static final String POSITION = "position";
  private static final Duration NOTICE_EVERY = Duration.ofMinutes(1);
  private static final Duration TELL_EVERY = Duration.ofMillis(200);

  private final Topics topics;
  private final RuleSource rules;
  private final int partitions;
  private final AlertStatus status;
  private final Map<Integer, Long> marks = new HashMap<>();
  private final Map<Integer, Long> generations = new HashMap<>();
  private final List<KeyValue<String, byte @Nullable []>> early = new ArrayList<>();
  private boolean started;
  private long advanced = Long.MIN_VALUE;
  private String trail = "";
  private long sequence;
  private @Nullable AlertBook book;
  private @Nullable ProcessorContext<byte[], Outgoing> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  /**
   * Over {@code rules}.
   *
   * @param rules asked at the start and whenever a partition has changed its own
   * @param partitions of the topic of events
   * @param status what is told outside
   */
  AlertProcessor(Topics topics, RuleSource rules, int partitions, AlertStatus status) {
    this.topics = topics;
    this.rules = rules;
    this.partitions = partitions;
    this.status = status;
  }

  @Override
  public void init(ProcessorContext<byte[], Outgoing> processorContext) {
    context = processorContext;
    KeyValueStore<String, byte[]> opened = processorContext.getStateStore(STORE);
    store = opened;
    started = false;
    early.clear();
    marks.clear();
    generations.clear();
    advanced = Long.MIN_VALUE;
    RuleSource.Active active = rules.active();
    AlertBook fresh = new AlertBook(active.rules(), active.generation(), journal(), rules::former);
    trail = "";
    try (KeyValueIterator<String, byte[]> all = opened.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        if (entry.key.equals(POSITION)) {
          String text = new String(entry.value, StandardCharsets.UTF_8);
          int comma = text.indexOf(',');
          sequence = Long.parseLong(text.substring(0, comma));
          trail = text.substring(comma + 1);
        } else {
          fresh.restore(entry.key, entry.value);
        }
      }
    }
    if (trail.isEmpty()) {
      // A new trail, so that alerts after a loss of state never look like earlier ones.
      byte[] random = new byte[4];
      new SecureRandom().nextBytes(random);
      sequence = 0;
      trail =
          TRAIL + HexFormat.of().formatHex(random) + "-" + processorContext.taskId().partition();
    }
    fresh.restored();
    book = fresh;
    tell();
    processorContext.schedule(NOTICE_EVERY, PunctuationType.WALL_CLOCK_TIME, this::notices);
    processorContext.schedule(TELL_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> tell());
  }

  /** The store takes writes only while a record or the clock is being served. */
  private AlertJournal journal() {
    return new AlertJournal() {
      @Override
      public void put(String key, byte[] value) {
        write(key, value);
      }

      @Override
      public void delete(String key) {
        write(key, null);
      }
    };
  }

  private void write(String key, byte @Nullable [] value) {
    if (!started) {
      early.add(KeyValue.pair(key, value));
    } else if (value == null) {
      Objects.requireNonNull(store).delete(key);
    } else {
      Objects.requireNonNull(store).put(key, value);
    }
  }

  private AlertBook begin() {
    if (!started) {
      started = true;
      early.forEach(entry -> write(entry.key, entry.value));
      early.clear();
    }
    return Objects.requireNonNull(book);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    AlertBook rulebook = begin();
    Object decoded = HitCodec.decode(record.value());
    if (decoded instanceof Hit hit) {
      alert(rulebook.accept(hit));
      tell(); // before it counts as judged, so that whoever waits sees its alerts
      status.judged();
    } else if (decoded instanceof HitCodec.Mark mark) {
      follow(rulebook, mark);
      if (mark.time() != Long.MIN_VALUE) {
        advance(rulebook, mark);
      }
    }
  }

  private void advance(AlertBook rulebook, HitCodec.Mark mark) {
    marks.merge(mark.partition(), mark.time(), Math::max);
    long least = least(marks);
    if (marks.size() >= partitions && least > advanced) {
      advanced = least;
      alert(rulebook.advance(Instant.EPOCH.plus(least, java.time.temporal.ChronoUnit.MICROS)));
    }
  }

  /** Each partition of the events changes its rules at an event of its own. */
  private void follow(AlertBook rulebook, HitCodec.Mark mark) {
    generations.put(mark.partition(), mark.generation());
    if (mark.generation() > rulebook.generation()) {
      RuleSource.Active active = rules.atLeast(mark.generation());
      rulebook.use(active.rules(), active.generation());
    }
    if (generations.size() >= partitions) {
      rulebook.forget(least(generations));
    }
  }

  private static long least(Map<Integer, Long> values) {
    return values.values().stream().mapToLong(Long::longValue).min().orElse(0);
  }

  private void alert(List<Alert> alerts) {
    for (Alert alert : alerts) {
      Instant now = Instant.ofEpochMilli(current().currentSystemTimeMs());
      emit(alert.rule(), alert.toEvent(next(), now), now);
    }
  }

  private void notices(long nowMillis) {
    Instant now = Instant.ofEpochMilli(nowMillis);
    for (Notice notice : begin().notices()) {
      emit(notice.rule(), notice.toEvent(next(), now), now);
    }
  }

  private SourcePosition next() {
    sequence++;
    write(POSITION, (sequence + "," + trail).getBytes(StandardCharsets.UTF_8));
    return SourcePosition.at(trail, sequence);
  }

  private void emit(String rule, AuditEvent event, Instant now) {
    byte[] bytes = AuditEventCodec.encode(event);
    long millis = now.toEpochMilli();
    forward(new Record<>(utf8(event.trail()), new Outgoing(topics.events(), bytes), millis));
    forward(new Record<>(utf8(rule), new Outgoing(topics.alerts(), bytes), millis));
  }

  private void tell() {
    status.tell(trail, sequence, Objects.requireNonNull(book).counts());
  }

  private void forward(Record<byte[], Outgoing> record) {
    current().forward(record);
  }

  private ProcessorContext<byte[], Outgoing> current() {
    return Objects.requireNonNull(context);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
