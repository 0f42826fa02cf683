package io.sworn.filter.stream;

import io.sworn.event.AccountHeaders;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.DeadLetters;
import io.sworn.event.FilterAccount;
import io.sworn.event.MinuteAccount;
import io.sworn.event.RouteHeaders;
import io.sworn.event.Sha256;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.FilterSet;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.RouteRedactions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Judges each event once. Everything it writes, counts included, is part of the transaction that
 * commits the event's offset.
 */
final class JudgeProcessor implements Processor<byte[], byte[], byte[], Outgoing> {

  static final String STORE = "trails";
  static final String DESTINATION = "filter-engine";

  /** What Kafka adds to a record is less than the difference. */
  private static final int COPY_BYTES_MAX = Topics.COPY_BYTES_MAX - (64 << 10);

  /** What is kept of a record that is too long for the dead letters. */
  private static final int CUT_BYTES = 1 << 20;

  private static final Duration ACCOUNT_EVERY = Duration.ofMillis(100);

  /** Hits are told less often: filters can be thousands. */
  private static final long HITS_EVERY_MILLIS = 1_000;

  private final Topics topics;
  private final ActiveFilters filters;
  private final RouteCopies copies;
  private final RouteTopics routes;
  private final Map<String, TrailState> trails = new HashMap<>();
  private final Set<String> changed = new LinkedHashSet<>();

  /** Trails whose minute has changed since it was told. */
  private final Set<String> counted = new LinkedHashSet<>();

  private @Nullable FilterSet judgedBy;
  private @Nullable Judging judging;
  private @Nullable FilterLedger ledger;
  private @Nullable MinuteBook minutes;
  private @Nullable Connections connections;
  private long hitsTold;
  private @Nullable ProcessorContext<byte[], Outgoing> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  JudgeProcessor(Topics topics, Supplier<FilterSet> filters, RouteRedactions redactions) {
    this.topics = topics;
    this.copies = new RouteCopies(redactions);
    this.routes = new RouteTopics(topics);
    this.filters = new ActiveFilters(filters);
  }

  @Override
  public void init(ProcessorContext<byte[], Outgoing> processorContext) {
    context = processorContext;
    KeyValueStore<String, byte[]> opened = processorContext.getStateStore(STORE);
    store = opened;
    trails.clear();
    changed.clear();
    try (KeyValueIterator<String, byte[]> all = opened.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        trails.put(entry.key, TrailState.fromBytes(entry.key, entry.value));
        changed.add(entry.key); // its last account may have missed the last commit
      }
    }
    judgedBy = null;
    ledger =
        new FilterLedger(
            processorContext.taskId().partition(),
            processorContext.getStateStore(FilterLedger.STORE),
            this::tell);
    connections =
        new Connections(new SessionBook(processorContext.getStateStore(SessionBook.STORE)));
    minutes =
        new MinuteBook(
            processorContext.getStateStore(MinuteBook.STORE),
            new MinuteBook.Out() {
              @Override
              public void tell(MinuteAccount account) {
                tellMinute(account);
              }

              @Override
              public void forget(String trail, String minute, long now) {
                forgetMinute(trail, minute, now);
              }
            });
    processorContext.schedule(ACCOUNT_EVERY, PunctuationType.WALL_CLOCK_TIME, this::account);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    long offset = context().recordMetadata().map(RecordMetadata::offset).orElse(0L);
    FilterSet current = filters.current(judgedBy, ledger());
    Judging judging = judging(current, offset);
    try {
      if (record.value() == null) {
        throw new UnreadableEventException("record without a value");
      }
      judging.read(record.value());
    } catch (UnreadableEventException e) {
      bury(record, offset, String.valueOf(e.getMessage()));
      return;
    }
    String trail = judging.trail();
    TrailState state = trails.computeIfAbsent(trail, TrailState::new);
    state.read(offset);
    countIn(state, trail, judging.micros(), record.timestamp());
    if (state.accept(judging.sequence(), judging.previous())) {
      judging.judge();
      ledger().count(judging);
      Connections told = connections();
      told.take(judging, record);
      FilterSet.Judgement judgement = current.judgement(judging);
      state.judged(copied(record, judging, judgement, state), judgement.undecidable());
      told.done(judging);
    }
    save(trail, state);
  }

  /** Copies the event to the routes of the judgement; those whose copy could be made. */
  private Iterable<String> copied(
      Record<byte[], byte[]> record,
      Judging judging,
      FilterSet.Judgement judgement,
      TrailState state) {
    if (judgement.labels().isEmpty()) {
      return List.of();
    }
    copies.take(record.value(), judging);
    List<String> failed = null;
    for (Map.Entry<String, String> route : judgement.labels().entrySet()) {
      if (!copy(record, route.getKey(), route.getValue(), judgement)) {
        failed = failed == null ? new ArrayList<>() : failed;
        failed.add(route.getKey());
        state.buried();
      }
    }
    if (failed == null) {
      return judgement.labels().keySet();
    }
    Set<String> kept = new TreeSet<>(judgement.labels().keySet());
    failed.forEach(kept::remove);
    return kept;
  }

  /** The judge of {@code current}, which judges the record at {@code offset} and all behind it. */
  private Judging judging(FilterSet current, long offset) {
    Judging known = judging;
    if (known == null || current != judgedBy) {
      ledger().begin(current, offset, context().currentSystemTimeMs());
      known = current.judging();
      judging = known;
      judgedBy = current;
    }
    return known;
  }

  /** Turns to the minute of an event; most often it is the one of the event before. */
  private void countIn(TrailState state, String trail, long micros, long appended) {
    long minute = MinuteBook.minute(micros, appended, context().currentSystemTimeMs());
    MinuteCounts counted = state.minute();
    if (counted == null || counted.minute != minute) {
      if (counted != null) {
        minutes().close(trail, counted);
      }
      state.countIn(minutes().open(trail, minute));
    }
  }

  /** Where no event comes, a change takes effect behind the last one. */
  private void changeWhileIdle() {
    long next = 0;
    for (TrailState state : trails.values()) {
      next = Math.max(next, state.offset() + 1);
    }
    if (next > 0 || trails.isEmpty()) {
      judging(filters.current(judgedBy, ledger()), next);
    } // else where the partition ends is not known before the next event
  }

  /** False if the copy could not be made and lies in the dead letters instead. */
  private boolean copy(
      Record<byte[], byte[]> record, String route, String labels, FilterSet.Judgement judgement) {
    RouteCopies.Copy copy;
    try {
      copy = copies.of(route);
    } catch (UnreadableEventException e) {
      deadLetter(record, "route '" + route + "': cannot be redacted: " + e.getMessage());
      return false;
    }
    Headers headers = new RecordHeaders().add(routes.filters(labels));
    if (judgement.undecidable()) {
      headers.add(RouteHeaders.UNDECIDABLE, utf8("true"));
    }
    if (!copy.redacted().isEmpty()) {
      headers.add(RouteHeaders.REDACTED, utf8(copy.redacted()));
    }
    byte[] client = connections().header(copies.rules(route));
    if (client != null) {
      headers.add(RouteHeaders.CLIENT, client);
    }
    long size = sizeOf(record.key(), copy.value(), headers);
    if (copy.value().length > AuditEventCodec.FRAME_BYTES_MAX || size > COPY_BYTES_MAX) {
      // Redaction can make a copy longer than the event, and the names of filters are many.
      deadLetter(
          record,
          "route '"
              + route
              + "': the copy has "
              + size
              + " bytes with its headers, a record may have "
              + COPY_BYTES_MAX
              + " and an event "
              + AuditEventCodec.FRAME_BYTES_MAX);
      return false;
    }
    forward(
        new Record<>(
            record.key(),
            new Outgoing(routes.topic(route), copy.value()),
            record.timestamp(),
            headers));
    return true;
  }

  private void bury(Record<byte[], byte[]> record, long offset, String reason) {
    deadLetter(record, reason);
    // Its own trail cannot be read, so it is counted in one of the partition that it came from.
    int partition = context().recordMetadata().map(RecordMetadata::partition).orElse(0);
    String trail = "(unreadable)/" + partition;
    TrailState state = trails.computeIfAbsent(trail, TrailState::new);
    state.read(offset);
    countIn(state, trail, record.timestamp() * 1_000, record.timestamp());
    state.unreadable();
    state.buried();
    save(trail, state);
  }

  private void deadLetter(Record<byte[], byte[]> record, String reason) {
    RecordMetadata place = context().recordMetadata().orElse(null);
    String source =
        place == null ? "" : place.topic() + "-" + place.partition() + "@" + place.offset();
    Headers headers =
        new RecordHeaders()
            .add(DeadLetters.REASON, utf8(reason))
            .add(DeadLetters.DESTINATION, utf8(DESTINATION))
            .add(DeadLetters.ATTEMPT, utf8("1"))
            .add(DeadLetters.SOURCE, utf8(source));
    byte[] original = record.value() == null ? new byte[0] : record.value();
    if (original.length > Topics.EVENT_BYTES_MAX) {
      // Only a compressed batch gets here; what cannot be written would stop the whole trail.
      headers.add(DeadLetters.ORIGINAL_BYTES, utf8(Integer.toString(original.length)));
      headers.add(DeadLetters.ORIGINAL_SHA256, utf8(Sha256.hex(original)));
      original = Arrays.copyOf(original, CUT_BYTES);
    }
    forward(
        new Record<>(
            utf8(DESTINATION),
            new Outgoing(topics.deadLetters(), original),
            record.timestamp(),
            headers));
  }

  private static long sizeOf(byte @Nullable [] key, byte[] value, Headers headers) {
    long size = (key == null ? 0 : key.length) + value.length;
    for (Header header : headers) {
      size += header.key().length() + header.value().length;
    }
    return size;
  }

  private void save(String trail, TrailState state) {
    KeyValueStore<String, byte[]> opened = store;
    if (opened == null) {
      throw new IllegalStateException("not initialised");
    }
    opened.put(trail, state.toBytes());
    changed.add(trail);
  }

  private void account(long now) {
    changeWhileIdle();
    boolean all = now - hitsTold >= HITS_EVERY_MILLIS;
    for (String trail : changed) {
      TrailState state = trails.get(trail);
      if (state != null) {
        counted.add(trail);
        forward(
            new Record<>(
                utf8(trail),
                new Outgoing(topics.accounts(), SwornJson.write(state.account(now))),
                now));
      }
    }
    changed.clear();
    if (all) {
      hitsTold = now;
      accountMinutes(now);
      connections().forgetOld();
      ledger().account(now);
    }
  }

  /** The minutes that trails count in lie in their states, all others in the book. */
  private void accountMinutes(long now) {
    // First, since the book may hold an older state of a minute that a trail came back to.
    minutes().account(now);
    for (String trail : counted) {
      TrailState state = trails.get(trail);
      MinuteCounts counts = state == null ? null : state.minute();
      if (counts != null) {
        tellMinute(counts.account(trail, now));
        minutes().know(trail, counts.minute);
      }
    }
    counted.clear();
  }

  private void tell(FilterAccount account) {
    forward(account.key(), SwornJson.write(account), FilterAccount.KIND, account.at());
  }

  private void tellMinute(MinuteAccount account) {
    byte[] key = MinuteAccount.key(account.trail(), account.minute());
    forward(key, SwornJson.write(account), MinuteAccount.KIND, account.at());
  }

  private void forgetMinute(String trail, String minute, long now) {
    forward(MinuteAccount.key(trail, minute), null, MinuteAccount.KIND, now);
  }

  private void forward(byte[] key, byte @Nullable [] account, String kind, long at) {
    Headers headers = new RecordHeaders().add(AccountHeaders.KIND, utf8(kind));
    forward(new Record<>(key, new Outgoing(topics.accounts(), account), at, headers));
  }

  private void forward(Record<byte[], Outgoing> record) {
    context().forward(record);
  }

  private Connections connections() {
    Connections current = connections;
    if (current == null) {
      throw new IllegalStateException("not initialised");
    }
    return current;
  }

  private MinuteBook minutes() {
    MinuteBook current = minutes;
    if (current == null) {
      throw new IllegalStateException("not initialised");
    }
    return current;
  }

  private FilterLedger ledger() {
    FilterLedger current = ledger;
    if (current == null) {
      throw new IllegalStateException("not initialised");
    }
    return current;
  }

  private ProcessorContext<byte[], Outgoing> context() {
    ProcessorContext<byte[], Outgoing> current = context;
    if (current == null) {
      throw new IllegalStateException("not initialised");
    }
    return current;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
