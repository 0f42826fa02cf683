package io.sworn.filter.matcher;

import java.util.Arrays;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonValue;

/**
 * A stack of located values: where each lies, of which type it is, and, for the sorts that fit into
 * 64 bits, what it is. Nothing is copied and nothing allocated once the stack has grown.
 *
 * <p>Bytes lie in one of two buffers: the event's own, or the scratch buffer, in which members that
 * the event holds in another form are written as BSON.
 */
final class Values {

  /** Set on elements of an array that a path ends on: tests of whole arrays skip them. */
  private static final int ELEMENT = 0x200;

  private static final int SCRATCH = 0x100;
  private static final int TYPE = 0xFF;
  private static final int KEPT_MAX = 1 << 14;

  private byte[] event = new byte[0];
  private byte[] scratch = new byte[256];
  private int scratchUsed;
  private int size;
  private int[] kinds = new int[64];
  private int[] starts = new int[64];
  private int[] lengths = new int[64];
  private long[] bits = new long[64];

  /** Forgets all; values lie in {@code bytes} from now on. */
  void reset(byte[] bytes) {
    event = bytes;
    size = 0;
    scratchUsed = 0;
    if (kinds.length > KEPT_MAX) { // one huge event does not hold memory for good
      resize(64);
    }
    if (scratch.length > KEPT_MAX) {
      scratch = new byte[256];
    }
  }

  /** Values on the stack. */
  int size() {
    return size;
  }

  /** Drops everything above {@code mark}. */
  void truncate(int mark) {
    size = mark;
  }

  int type(int i) {
    return kinds[i] & TYPE;
  }

  boolean isElement(int i) {
    return (kinds[i] & ELEMENT) != 0;
  }

  boolean inScratch(int i) {
    return (kinds[i] & SCRATCH) != 0;
  }

  /** Where the value begins; for text and names of its kin, where the characters do. */
  int start(int i) {
    return starts[i];
  }

  /** Bytes of text, or of the whole value. */
  int length(int i) {
    return lengths[i];
  }

  /** Integers, dates, timestamps and booleans as they are, doubles as their bits. */
  long bits(int i) {
    return bits[i];
  }

  byte[] buffer(int i) {
    return inScratch(i) ? scratch : event;
  }

  byte[] buffer(boolean inScratch) {
    return inScratch ? scratch : event;
  }

  /** No value at all. */
  void pushMissing() {
    put(EncodedBson.MISSING, 0, 0, 0);
  }

  void pushText(int start, int length) {
    put(EncodedBson.STRING, start, length, 0);
  }

  void pushNumber(int type, long value) {
    put(type, 0, 0, value);
  }

  /** A BSON value in one of the buffers. */
  void push(int type, boolean inScratch, int at, boolean element) {
    byte[] b = buffer(inScratch);
    int kind = type | (inScratch ? SCRATCH : 0) | (element ? ELEMENT : 0);
    switch (type) {
      case EncodedBson.STRING, EncodedBson.SYMBOL ->
          put(kind, at + 4, EncodedBson.int32(b, at) - 1, 0);
      case EncodedBson.INT32 -> put(kind, at, 4, EncodedBson.int32(b, at));
      case EncodedBson.DOUBLE, EncodedBson.INT64, EncodedBson.DATE, EncodedBson.TIMESTAMP ->
          put(kind, at, 8, EncodedBson.int64(b, at));
      case EncodedBson.BOOLEAN -> put(kind, at, 1, b[at]);
      default -> put(kind, at, EncodedBson.size(b, type, at, b.length), 0);
    }
  }

  private void put(int kind, int start, int length, long value) {
    int i = size;
    if (i == kinds.length) {
      resize(2 * i);
    }
    kinds[i] = kind;
    starts[i] = start;
    lengths[i] = length;
    bits[i] = value;
    size = i + 1;
  }

  private void resize(int capacity) {
    kinds = Arrays.copyOf(kinds, capacity);
    starts = Arrays.copyOf(starts, capacity);
    lengths = Arrays.copyOf(lengths, capacity);
    bits = Arrays.copyOf(bits, capacity);
  }

  /** Value {@code i}, which is no text, as an object. */
  BsonValue decode(int i) {
    return switch (type(i)) {
      case EncodedBson.INT32 -> new BsonInt32((int) bits[i]);
      case EncodedBson.INT64 -> new BsonInt64(bits[i]);
      case EncodedBson.DOUBLE -> new BsonDouble(Double.longBitsToDouble(bits[i]));
      default -> EncodedBson.decode(buffer(i), type(i), starts[i]);
    };
  }

  /** Takes so many bytes of the scratch buffer; returns where they begin. */
  int reserve(int bytes) {
    int at = scratchUsed;
    scratchUsed += bytes;
    if (scratchUsed > scratch.length) {
      scratch = Arrays.copyOf(scratch, Math.max(2 * scratch.length, scratchUsed));
    }
    return at;
  }

  /** Gives back what was reserved from {@code end} on. */
  void release(int end) {
    scratchUsed = end;
  }
}
