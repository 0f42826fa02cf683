package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.alert.AlertMatcher;
import io.sworn.filter.alert.Hit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
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
 * First half of the alert topology: from an event to its hits, duplicates left out, and marks that
 * say how far in time the partition has been read. Unreadable records are the filter engine's to
 * count and bury.
 */
final class SelectProcessor implements Processor<byte[], byte[], byte[], byte[]> {

  static final String STORE = "alert-trails";

  /** An event that claims to be from the future is taken at the time it was read. */
  private static final Duration AHEAD_MAX = Duration.ofMinutes(5);

  private static final Duration ROUND = Duration.ofSeconds(1);
  private static final int IDLE_ROUNDS = 5;
  private static final long IDLE_EVERY_MICROS = 10_000_000L;

  private final RuleSource rules;
  private final AlertStatus status;
  private final Map<String, TrailState> trails = new HashMap<>();
  private long highest = Long.MIN_VALUE;
  private long marked = Long.MIN_VALUE;
  private RuleSource.Active judgedBy;
  private AlertMatcher matcher;
  private boolean told;
  private boolean read;
  private int idle;
  private @Nullable ProcessorContext<byte[], byte[]> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  SelectProcessor(RuleSource rules, AlertStatus status) {
    this.rules = rules;
    this.status = status;
    judgedBy = rules.active();
    matcher = new AlertMatcher(judgedBy.rules());
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    KeyValueStore<String, byte[]> opened = processorContext.getStateStore(STORE);
    store = opened;
    trails.clear();
    told = false;
    status.begun();
    try (KeyValueIterator<String, byte[]> all = opened.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        TrailState state = TrailState.fromBytes(entry.key, entry.value);
        trails.put(entry.key, state);
        status.read(entry.key, state.account(0).lastSequence());
      }
    }
    processorContext.schedule(ROUND, PunctuationType.WALL_CLOCK_TIME, this::mark);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    read = true;
    followRules();
    AuditEvent event;
    try {
      if (record.value() == null) {
        return;
      }
      event = AuditEventCodec.decode(record.value());
    } catch (UnreadableEventException e) {
      return; // counted and buried by the filter engine, which reads the same records
    }
    TrailState state = trails.computeIfAbsent(event.trail(), TrailState::new);
    boolean fresh = state.accept(event.sequence(), event.previous());
    Objects.requireNonNull(store).put(event.trail(), state.toBytes());
    if (!fresh) {
      return;
    }
    Instant time = time(event);
    highest = Math.max(highest, micros(time));
    select(event, record.value(), time, record.timestamp());
    status.read(event.trail(), event.sequence());
  }

  private void select(AuditEvent event, byte[] frame, Instant time, long timestamp) {
    try {
      for (Hit hit :
          matcher.match(
              frame, event.type(), () -> MongoAuditMessage.toMessage(event), event.id(), time)) {
        byte[] key = (hit.rule() + "\n" + hit.group()).getBytes(StandardCharsets.UTF_8);
        status.selected();
        forward(new Record<>(key, HitCodec.encode(hit), timestamp));
      }
    } catch (UnreadableEventException e) {
      // A damaged param: the filter engine buries the same record with its reason.
    }
  }

  /** From here on the rules that are in force now judge; said before the first hit of them. */
  private void followRules() {
    RuleSource.Active active = rules.active();
    if (active != judgedBy) {
      judgedBy = active;
      matcher = new AlertMatcher(active.rules());
      told = false;
    }
    if (!told) {
      told = true;
      forwardMark(Long.MIN_VALUE, Objects.requireNonNull(context).currentSystemTimeMs());
    }
  }

  private static Instant time(AuditEvent event) {
    Instant latest = event.observed().plus(AHEAD_MAX);
    boolean known = event.observed().isAfter(Instant.EPOCH);
    return known && event.time().isAfter(latest) ? event.observed() : event.time();
  }

  /**
   * While events come, their highest time; when none has come for some rounds, the clock, so that
   * an absence can be told when everything is silent.
   */
  private void mark(long nowMillis) {
    followRules();
    idle = read ? 0 : Math.min(idle + 1, IDLE_ROUNDS);
    read = false;
    long time = highest;
    long least = 1_000_000L;
    if (idle >= IDLE_ROUNDS) {
      time = Math.max(highest, (nowMillis - IDLE_ROUNDS * ROUND.toMillis()) * 1_000);
      least = IDLE_EVERY_MICROS;
    }
    if (time == Long.MIN_VALUE || (marked != Long.MIN_VALUE && time - marked < least)) {
      return;
    }
    marked = time;
    forwardMark(time, nowMillis);
  }

  private void forwardMark(long time, long nowMillis) {
    int partition = Objects.requireNonNull(context).taskId().partition();
    HitCodec.Mark mark = new HitCodec.Mark(partition, time, judgedBy.generation());
    forward(new Record<>(new byte[0], HitCodec.encode(mark), nowMillis));
  }

  private void forward(Record<byte[], byte[]> record) {
    Objects.requireNonNull(context).forward(record);
  }

  private static long micros(Instant time) {
    return time.getEpochSecond() * 1_000_000L + time.getNano() / 1_000;
  }
}
