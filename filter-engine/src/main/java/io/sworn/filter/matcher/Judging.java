package io.sworn.filter.matcher;

import io.sworn.event.UnreadableEventException;
import io.sworn.filter.Decision;
import io.sworn.filter.language.Address;
import io.sworn.filter.language.BoundedPattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Judges one event after the other by a {@link FilterMatcher}, without making an object for any of
 * them. What was found for the last event stays until the next one. Not thread-safe: each thread
 * has its own.
 */
public final class Judging {

  private final Partition filters;
  private final EncodedEvent event = new EncodedEvent();
  private final Values values = new Values();
  private final PathWalker walker = new PathWalker(event, values);
  private final EncodedText text = new EncodedText();
  private final Address address = new Address();
  private final BoundedPattern.@Nullable Search[] searches;

  // What belongs to this event carries its generation; all else is old, so nothing is cleared.
  private int generation;
  private final int[] pathGeneration;
  private final int[] pathBegin;
  private final int[] pathEnd;
  private final int[] fieldGeneration;
  private final byte[] fieldTruth;
  private final int[] ruleGeneration;
  private final int[] filterGeneration;
  private final byte[] filterTruth;
  private final int[] kept;
  private int keptSize;

  Judging(Partition filters, Sizes sizes) {
    this.filters = filters;
    searches = new BoundedPattern.Search[sizes.patterns()];
    pathGeneration = new int[sizes.paths()];
    pathBegin = new int[sizes.paths()];
    pathEnd = new int[sizes.paths()];
    fieldGeneration = new int[sizes.fields()];
    fieldTruth = new byte[sizes.fields()];
    ruleGeneration = new int[sizes.rules()];
    filterGeneration = new int[sizes.filters()];
    filterTruth = new byte[sizes.filters()];
    kept = new int[sizes.filters()];
  }

  /** How many of each there are. */
  record Sizes(int paths, int fields, int patterns, int rules, int filters) {}

  /**
   * Judges an encoded event.
   *
   * @param frame as {@link io.sworn.event.AuditEventCodec} writes it; not changed, and needed until
   *     the next event
   * @throws UnreadableEventException if what the filters look at is damaged; whether all of it is
   *     sound only {@link #read} tells
   */
  public void judge(byte[] frame) {
    open(frame);
    judge();
  }

  /**
   * Takes up an encoded event and checks it from end to end, without judging.
   *
   * @throws UnreadableEventException if it could not be decoded, with the reason
   */
  public void read(byte[] frame) {
    open(frame);
    event.check();
  }

  private void open(byte[] frame) {
    begin(frame);
    event.locate(frame);
  }

  /** Judges a message itself, as BSON. */
  public void judgeMessage(byte[] bson) {
    begin(bson);
    event.locateMessage(bson);
    event.check();
    judge();
  }

  /** Judges the event that {@link #read} took up. */
  public void judge() {
    try {
      filters.visit(this);
    } catch (IndexOutOfBoundsException e) {
      throw new UnreadableEventException("damaged event: a value ends too early", e);
    }
  }

  private void begin(byte[] bytes) {
    keptSize = 0;
    values.reset(bytes);
    if (++generation == Integer.MAX_VALUE) {
      generation = 1;
      Arrays.fill(pathGeneration, 0);
      Arrays.fill(fieldGeneration, 0);
      Arrays.fill(ruleGeneration, 0);
      Arrays.fill(filterGeneration, 0);
    }
  }

  /** How many filters let the event travel: those that match and those that cannot decide. */
  public int kept() {
    return keptSize;
  }

  /** Number of the n-th such filter, in no particular order. */
  public int kept(int n) {
    if (n >= keptSize) {
      throw new IndexOutOfBoundsException(n);
    }
    return kept[n];
  }

  /** What filter {@code number} says of the event. */
  public Decision decision(int number) {
    return filterGeneration[number] == generation
        ? Truth.decision(filterTruth[number])
        : Decision.DROP;
  }

  /** Whether some filter cannot decide. */
  public boolean undecidable() {
    for (int i = 0; i < keptSize; i++) {
      if (filterTruth[kept[i]] == Truth.UNKNOWN) {
        return true;
      }
    }
    return false;
  }

  /** Trail of the event. */
  public String trail() {
    return event.trail();
  }

  /** Position of the event in its trail. */
  public long sequence() {
    return event.sequence;
  }

  /** Position of its predecessor. */
  public long previous() {
    return event.previous;
  }

  /** Whether all parameters of the message stand in {@code param}, unchanged by anything else. */
  public boolean paramIsWhole() {
    return !event.hasExtra() && !event.ocsf;
  }

  /** Whether the event is one of Sworn's own. */
  public boolean isOwn() {
    return event.own;
  }

  /** The {@code param} of the event, a copy. */
  public byte[] param() {
    return Arrays.copyOfRange(event.bytes, event.param, event.param + event.paramLength);
  }

  /** The event, encoded, with another {@code param}. */
  public byte[] withParam(byte[] document) {
    return event.withParam(document);
  }

  /** Time of the event, in microseconds since 1970. */
  public long micros() {
    return event.micros;
  }

  /** Whether the event says over which connection it came, and not what that told of itself. */
  public boolean hasUnknownClient() {
    return event.session != 0 && !event.client;
  }

  /** First half of the connection's id, if there is one. */
  public long sessionHigh() {
    return Long.reverseBytes(EncodedBson.int64(event.bytes, event.session));
  }

  /** Second half of the connection's id, if there is one. */
  public long sessionLow() {
    return Long.reverseBytes(EncodedBson.int64(event.bytes, event.session + Long.BYTES));
  }

  /** Server's code of the event, 0 = OK. */
  public int result() {
    return event.result;
  }

  /** The text of a member of {@code param}, its name in UTF-8; null if there is none. */
  public @Nullable String paramText(byte[] name) {
    int at = EncodedBson.find(event.bytes, event.param, name);
    return at >= 0 && EncodedBson.typeBefore(event.bytes, at, name) == EncodedBson.STRING
        ? new String(
            event.bytes, at + 4, EncodedBson.int32(event.bytes, at) - 1, StandardCharsets.UTF_8)
        : null;
  }

  /** Whether the event is of this type, in UTF-8. */
  public boolean isOfType(byte[] type) {
    int end = event.type + event.typeLength;
    return Arrays.equals(event.bytes, event.type, end, type, 0, type.length);
  }

  Values values() {
    return values;
  }

  Address address() {
    return address;
  }

  PathWalker walker() {
    return walker;
  }

  /** Lists the values of a path, once per event; returns where they begin. */
  int locate(Path path) {
    int id = path.id;
    if (pathGeneration[id] != generation) {
      pathBegin[id] = values.size();
      walker.fromMessage(path);
      pathEnd[id] = values.size();
      pathGeneration[id] = generation;
    }
    return pathBegin[id];
  }

  /** Where the values of a path end that was located. */
  int end(Path path) {
    return pathEnd[path.id];
  }

  int field(Node.Field field) {
    int id = field.id;
    if (fieldGeneration[id] == generation) {
      return fieldTruth[id];
    }
    int truth = field.evaluate(this);
    fieldGeneration[id] = generation;
    fieldTruth[id] = (byte) truth;
    return truth;
  }

  int search(PatternTest test, Values from, int i) {
    BoundedPattern.Search search = searches[test.id];
    if (search == null) {
      search = test.pattern.search();
      searches[test.id] = search;
    }
    text.decode(from.buffer(i), from.start(i), from.length(i));
    return Truth.of(search.find(text));
  }

  /** A rule whose other conditions hold: evaluates what remains of it. */
  void fire(Rule rule) {
    if (ruleGeneration[rule.id] == generation) {
      return;
    }
    ruleGeneration[rule.id] = generation;
    int filter = rule.filter;
    boolean seen = filterGeneration[filter] == generation;
    if (seen && filterTruth[filter] == Truth.YES) {
      return;
    }
    Node rest = rule.rest;
    int truth = rest == null ? Truth.YES : rest.of(this, -1);
    if (truth == Truth.NO) {
      return;
    }
    if (!seen) {
      filterGeneration[filter] = generation;
      kept[keptSize++] = filter;
      filterTruth[filter] = (byte) truth;
    } else if (truth > filterTruth[filter]) {
      filterTruth[filter] = (byte) truth;
    }
  }
}
