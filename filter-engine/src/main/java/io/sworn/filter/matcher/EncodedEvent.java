package io.sworn.filter.matcher;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.UnreadableEventException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.SchemaNormalization;
import org.jspecify.annotations.Nullable;

/**
 * Where the fields of an encoded event lie ({@link AuditEventCodec}: single-object frame, body in
 * the order of {@code audit-event-1.avsc}). One pass finds all of them without making an object.
 * Reusable, not thread-safe.
 */
final class EncodedEvent {

  private static final long FINGERPRINT =
      SchemaNormalization.parsingFingerprint64(AuditEventCodec.schema());
  private static final int HEADER_BYTES = 10;
  private static final int ID_BYTES = 16;
  private static final int LIST_ITEMS_MAX = 100_000;
  private static final int OCSF = EventKind.MONGODB_OCSF.ordinal();
  private static final int SWORN = EventKind.SWORN.ordinal();

  // How extra says that the message lacks members: see MongoAuditMessage.
  private static final byte[] ABSENT = new byte[0];
  private static final byte[] LIST = "absent".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] VALUE = "value".getBytes(StandardCharsets.US_ASCII);

  byte[] bytes = new byte[0];
  int trail;
  int trailLength;
  long sequence;
  long previous;
  boolean ocsf;
  boolean own;
  int type;
  int typeLength;
  long micros;
  int session; // 0 = none, as below: no field lies at the frame's begin
  int local;
  int remote;
  int intermediates;
  int users;
  int roles;
  int command;
  int commandLength;
  int paramHead; // where its length begins
  int param;
  int paramLength;
  int result;
  boolean client;
  int extra;
  int extraLength;
  int foundType;
  int foundAt;
  private boolean message;
  private int p;
  private byte[] trailName = new byte[0];
  private String trailText = "";

  /**
   * Finds the fields of {@code frame}.
   *
   * @throws UnreadableEventException if it is no frame of an event
   */
  void locate(byte[] frame) {
    bytes = frame;
    message = false;
    header(frame);
    p = HEADER_BYTES + ID_BYTES;
    trailLength = length();
    trail = skip(trailLength);
    sequence = number();
    previous = number();
    int kind = integer();
    if (kind < 0) {
      throw damaged("kind " + kind);
    }
    ocsf = kind == OCSF;
    own = kind == SWORN;
    typeLength = length();
    type = skip(typeLength);
    micros = number();
    number(); // observed
    session = option() ? skip(ID_BYTES) : 0;
    local = optionalEndpoint();
    remote = optionalEndpoint();
    intermediates = list(1);
    users = list(2);
    roles = list(3);
    command = 0;
    if (option()) {
      commandLength = length();
      command = skip(commandLength);
    }
    if (option()) {
      skip(length()); // namespace: says less than param
    }
    paramHead = p;
    paramLength = length();
    param = skip(paramLength);
    result = integer();
    client = option();
    if (client) {
      for (int i = 0; i < 4; i++) {
        optionalText();
      }
    }
    extra = 0;
    if (option()) {
      extraLength = length();
      extra = skip(extraLength);
    }
    if (p != frame.length) {
      throw damaged("bytes follow the end of the event");
    }
  }

  /** Takes a message itself, as BSON, in place of an event. */
  void locateMessage(byte[] bson) {
    bytes = bson;
    message = true;
    ocsf = true; // nothing is lifted
    own = false;
    extra = 0;
    extraLength = bson.length;
  }

  /**
   * Checks everything that {@link #locate} steps over.
   *
   * @throws UnreadableEventException if the event could not be decoded
   */
  void check() {
    if (!message && (sequence < 1 || previous < 0 || previous >= sequence)) {
      throw damaged("sequence " + sequence + " after " + previous);
    }
    if (!message) {
      BsonBytes.check(bytes, param, param + paramLength, 1); // as the codec does
    }
    if (hasExtra()) {
      BsonBytes.check(bytes, extra, extra + extraLength, 0);
    }
  }

  /** Whether {@code extra} may add, replace or remove members. */
  boolean hasExtra() {
    return extra != 0 || message;
  }

  /**
   * Looks up the member {@code name} in {@code extra}: 1 if it is there, then {@link #foundType}
   * and {@link #foundAt} say what; 0 if nothing is said; -1 if there is no such member.
   */
  int findInExtra(byte[] name) {
    if (find(extra, name) && (ocsf || name.length > 0)) {
      return 1;
    }
    if (ocsf) {
      return -1; // nothing is lifted: what is not here is not at all
    }
    if (!find(extra, ABSENT)) {
      return 0;
    }
    boolean both = foundType == EncodedBson.DOCUMENT; // a list, and a member that is named so
    if (name.length == 0) {
      return both && find(foundAt, VALUE) ? 1 : -1;
    }
    boolean listed = both ? find(foundAt, LIST) : foundType == EncodedBson.ARRAY;
    return listed && foundType == EncodedBson.ARRAY && lists(foundAt, name) ? -1 : 0;
  }

  private boolean find(int document, byte[] name) {
    foundAt = EncodedBson.find(bytes, document, name);
    foundType = foundAt < 0 ? 0 : EncodedBson.typeBefore(bytes, foundAt, name);
    return foundAt >= 0;
  }

  private boolean lists(int array, byte[] name) {
    int end = array + EncodedBson.int32(bytes, array) - 1;
    for (int at = array + 4; at < end; ) {
      int type = bytes[at] & 0xFF;
      int value = EncodedBson.nameEnd(bytes, at + 1) + 1;
      int size = EncodedBson.size(bytes, type, value, end);
      if (type == EncodedBson.STRING
          && Arrays.equals(bytes, value + 4, value + size - 1, name, 0, name.length)) {
        return true;
      }
      at = value + size;
    }
    return false;
  }

  /** The trail; events of one trail come in a row, so the last one's name is kept. */
  String trail() {
    int end = trail + trailLength;
    if (!Arrays.equals(trailName, 0, trailName.length, bytes, trail, end)) {
      trailName = Arrays.copyOfRange(bytes, trail, end);
      trailText = new String(trailName, StandardCharsets.UTF_8);
    }
    return trailText;
  }

  /** The event with another {@code param}, all else as it is. */
  byte[] withParam(byte[] document) {
    int size = number(document.length, null, 0);
    int rest = param + paramLength;
    byte[] frame = new byte[paramHead + size + document.length + bytes.length - rest];
    System.arraycopy(bytes, 0, frame, 0, paramHead);
    number(document.length, frame, paramHead);
    System.arraycopy(document, 0, frame, paramHead + size, document.length);
    System.arraycopy(bytes, rest, frame, paramHead + size + document.length, bytes.length - rest);
    return frame;
  }

  /** Writes a number that is not negative, as {@link #number()} reads it; how many bytes it has. */
  private static int number(int value, byte @Nullable [] into, int at) {
    long left = (long) value << 1;
    int size = 0;
    do {
      int low = (int) (left & 0x7F);
      left >>>= 7;
      if (into != null) {
        into[at + size] = (byte) (left == 0 ? low : low | 0x80);
      }
      size++;
    } while (left != 0);
    return size;
  }

  private void header(byte[] frame) {
    if (frame.length < HEADER_BYTES || frame[0] != (byte) 0xC3 || frame[1] != 0x01) {
      throw new UnreadableEventException(
          "record of " + frame.length + " bytes: does not begin with an Avro frame (c301)");
    }
    if (frame.length > AuditEventCodec.FRAME_BYTES_MAX) {
      throw new UnreadableEventException(
          "record of " + frame.length + " bytes: more than " + AuditEventCodec.FRAME_BYTES_MAX);
    }
    long fingerprint = EncodedBson.int64(frame, 2);
    if (fingerprint != FINGERPRINT) {
      throw new UnreadableEventException(
          "schema fingerprint " + Long.toHexString(fingerprint) + " is unknown to this version");
    }
  }

  private int optionalEndpoint() {
    if (!option()) {
      return 0;
    }
    int at = p;
    endpoint();
    return at;
  }

  private void endpoint() {
    optionalText();
    integer();
    optionalText();
    skip(1);
  }

  private void optionalText() {
    if (option()) {
      skip(length());
    }
  }

  /** Steps over an array of endpoints (1) or of pairs of texts; returns where it begins. */
  private int list(int sort) {
    int at = p;
    int items = 0;
    for (long n = block(); n > 0; n = block()) {
      items += (int) Math.min(n, LIST_ITEMS_MAX + 1L);
      if (items > LIST_ITEMS_MAX) {
        throw new UnreadableEventException("a list of more than " + LIST_ITEMS_MAX + " items");
      }
      for (long i = 0; i < n; i++) {
        if (sort == 1) {
          endpoint();
        } else {
          skip(length());
          skip(length());
        }
      }
    }
    return at;
  }

  /** Items of the next block of an array; a negative count is followed by the block's bytes. */
  private long block() {
    long n = number();
    if (n < 0) {
      number();
      n = -n;
    }
    return n;
  }

  private boolean option() {
    long index = number();
    if ((index & ~1L) != 0) {
      throw damaged("union branch " + index);
    }
    return index == 1;
  }

  private int length() {
    long length = number();
    if (length < 0 || length > bytes.length - p) {
      throw damaged("length " + length);
    }
    return (int) length;
  }

  private int skip(int length) {
    int at = p;
    p += length;
    if (p > bytes.length) {
      throw damaged("it ends too early");
    }
    return at;
  }

  /** A zig-zag number of variable length (Avro 1.12 specification, "Primitive Types"). */
  private long number() {
    byte[] b = bytes;
    if (p >= b.length) {
      throw damaged("it ends too early");
    }
    int first = b[p++];
    if (first >= 0) {
      return (first >>> 1) ^ -(first & 1);
    }
    long value = first & 0x7F;
    for (int shift = 7; shift < 64; shift += 7) {
      if (p >= b.length) {
        throw damaged("it ends too early");
      }
      int next = b[p++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw damaged("a number of more than 64 bits");
  }

  private static UnreadableEventException damaged(String what) {
    return new UnreadableEventException("damaged event: " + what);
  }

  /** A cursor over items of a list: {@link #open}, then {@link #items} pairs of texts. */
  void open(int at) {
    p = at;
  }

  /** Items of the next block; 0 at the end. */
  int items() {
    return (int) block();
  }

  /** Steps over a text; returns where its characters begin, {@link #textLength} how many. */
  int text() {
    textLength = length();
    return skip(textLength);
  }

  /** As {@link #text}, or -1 without one. */
  int maybeText() {
    return option() ? text() : -1;
  }

  int integer() {
    long value = number();
    if (value != (int) value) {
      throw damaged("a number of more than 32 bits");
    }
    return (int) value;
  }

  boolean flag() {
    return bytes[skip(1)] == 1;
  }

  int textLength;

  /** When it happened, as MongoDB keeps it. */
  long millis() {
    return Math.floorDiv(micros, 1_000L);
  }
}
