package io.sworn.filter.stream;

import io.sworn.event.Topics;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.FilterSet;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.RouteRedactions;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Judges each event of one partition once. Everything it writes, counts included, is part of the
 * transaction that commits the event's offset.
 */
final class PartitionJudge {

  /** Hits are told less often than trails: filters can be thousands. */
  private static final long HITS_EVERY_MILLIS = 1_000;

  private final ProcessorContext<byte[], Outgoing> context;
  private final String deadLetters;
  private final ActiveFilters filters;
  private final AccountRecords accounts;
  private final TrailBook trails;
  private final FilterLedger ledger;
  private final MinuteBook minutes;
  private final Connections connections;
  private final CopyRecords copies;

  private @Nullable FilterSet judgedBy;
  private @Nullable Judging judging;
  private long hitsTold;

  /** Takes up what the stores of {@code context} hold. */
  PartitionJudge(
      Topics topics,
      ActiveFilters filters,
      RouteRedactions redactions,
      ProcessorContext<byte[], Outgoing> context) {
    this.context = context;
    this.deadLetters = topics.deadLetters();
    this.filters = filters;
    accounts = new AccountRecords(topics.accounts(), context::forward);

    WriteBehindStore<String> trailStore = context.getStateStore(TrailBook.STORE);
    trails = new TrailBook(trailStore.contents());
    trailStore.beforeCommit(trails::write);

    WriteBehindStore<String> filterStore = context.getStateStore(FilterLedger.STORE);
    ledger = new FilterLedger(context.taskId().partition(), filterStore.contents(), accounts::tell);
    filterStore.beforeCommit(ledger::write);

    WriteBehindStore<byte[]> sessionStore = context.getStateStore(SessionBook.STORE);
    SessionBook sessions = new SessionBook(sessionStore.contents());
    sessionStore.beforeCommit(sessions::write);
    connections = new Connections(sessions);

    KeyValueStore<String, byte[]> minuteStore = context.getStateStore(MinuteBook.STORE);
    minutes = new MinuteBook(minuteStore, accounts);
    copies = new CopyRecords(topics, redactions, connections, context::forward);
  }

  /** Judges a record; what is no event goes to the dead letters. */
  void judge(Record<byte[], byte[]> record) {
    RecordMetadata place = context.recordMetadata().orElse(null);
    long offset = place == null ? 0 : place.offset();
    FilterSet current = filters.current(judgedBy, ledger);
    Judging judging = judging(current, offset);
    try {
      if (record.value() == null) {
        throw new UnreadableEventException("record without a value");
      }
      judging.read(record.value());
    } catch (UnreadableEventException e) {
      bury(record, place, offset, String.valueOf(e.getMessage()));
      return;
    }
    TrailState state = trails.open(judging.trail());
    state.read(offset);
    countIn(state, judging.micros(), record.timestamp());
    if (state.accept(judging.sequence(), judging.previous())) {
      judging.judge();
      ledger.count(judging);
      connections.take(judging, record);
      FilterSet.Judgement judgement = current.judgement(judging);
      state.judged(
          copies.copy(
              record, judging, judgement, reason -> deadLetter(record, place, reason, state)),
          judgement.undecidable());
      connections.done(judging);
    }
  }

  /** The judge of {@code current}, which judges the record at {@code offset} and all behind it. */
  private Judging judging(FilterSet current, long offset) {
    Judging known = judging;
    if (known == null || current != judgedBy) {
      ledger.begin(current, offset, context.currentSystemTimeMs());
      known = current.judging();
      judging = known;
      judgedBy = current;
    }
    return known;
  }

  /** Turns to the minute of an event; most often it is the one of the event before. */
  private void countIn(TrailState state, long micros, long appended) {
    long minute = MinuteBook.minute(micros, appended, context.currentSystemTimeMs());
    MinuteCounts counted = state.minute();
    if (counted == null || counted.minute != minute) {
      if (counted != null) {
        minutes.close(state.trail(), counted);
      }
      state.countIn(minutes.open(state.trail(), minute));
    }
  }

  private void bury(
      Record<byte[], byte[]> record, @Nullable RecordMetadata place, long offset, String reason) {
    // Its own trail cannot be read, so it is counted in one of the partition that it came from.
    int partition = place == null ? 0 : place.partition();
    TrailState state = trails.open("(unreadable)/" + partition);
    state.read(offset);
    countIn(state, record.timestamp() * 1_000, record.timestamp());
    state.unreadable();
    deadLetter(record, place, reason, state);
  }

  private void deadLetter(
      Record<byte[], byte[]> record,
      @Nullable RecordMetadata place,
      String reason,
      TrailState state) {
    context.forward(DeadLetterRecords.of(record, place, reason, deadLetters));
    state.buried();
  }

  /**
   * Tells the accounts of what has changed.
   *
   * @param now milliseconds since 1970
   */
  void account(long now) {
    changeWhileIdle();
    trails.account(now, accounts::tell);
    if (now - hitsTold >= HITS_EVERY_MILLIS) {
      hitsTold = now;
      accountMinutes(now);
      connections.forgetOld();
      ledger.account(now);
    }
  }

  /** Where no event comes, a change takes effect behind the last one. */
  private void changeWhileIdle() {
    long next = 0;
    for (TrailState state : trails.all()) {
      next = Math.max(next, state.offset() + 1);
    }
    if (next > 0 || trails.all().isEmpty()) {
      judging(filters.current(judgedBy, ledger), next);
    } // else where the partition ends is not known before the next event
  }

  /** The minutes that trails count in lie in their states, all others in the book. */
  private void accountMinutes(long now) {
    // First, since the book may hold an older state of a minute that a trail came back to.
    minutes.account(now);
    trails.minutes(
        state -> {
          MinuteCounts counts = state.minute();
          if (counts != null) {
            accounts.tell(counts.account(state.trail(), now));
            minutes.know(state.trail(), counts.minute);
          }
        });
  }
}
