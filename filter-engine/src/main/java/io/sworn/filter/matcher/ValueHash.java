package io.sworn.filter.matcher;

import static io.sworn.filter.matcher.EncodedBson.int32;
import static io.sworn.filter.matcher.EncodedBson.int64;

import io.sworn.filter.language.BsonOrder;
import java.math.BigDecimal;
import org.bson.BsonValue;

/**
 * Hashes under which equal values are equal, whatever their number types. Documents and arrays hash
 * by their first member only. Filters, not events, decide which values meet in a table, so a client
 * cannot make a table slow.
 */
final class ValueHash {

  private static final int NOT_A_NUMBER = 7;
  private static final int UNUSUAL_DECIMAL = 11;
  private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

  private ValueHash() {}

  static int of(Values values, int i) {
    if (values.type(i) == EncodedBson.STRING) {
      return text(values.buffer(i), values.start(i), values.length(i));
    }
    return of(
        values.buffer(i),
        values.type(i),
        values.start(i),
        values.length(i),
        values.bits(i),
        values.start(i));
  }

  /**
   * @param start where text begins
   * @param at where the value begins
   */
  static int of(byte[] b, int type, int start, int length, long bits, int at) {
    return switch (type) {
      case EncodedBson.STRING, EncodedBson.SYMBOL -> text(b, start, length);
      case EncodedBson.INT32, EncodedBson.INT64 -> mix(bits);
      case EncodedBson.DOUBLE -> number(Double.longBitsToDouble(bits));
      case EncodedBson.DECIMAL -> decimal(EncodedBson.decode(b, type, at));
      case EncodedBson.DATE, EncodedBson.TIMESTAMP, EncodedBson.BOOLEAN -> mix(bits) + type;
      case EncodedBson.OBJECT_ID -> mix(int64(b, at) ^ int32(b, at + 8)) + type;
      case EncodedBson.BINARY ->
          text(b, EncodedOrder.binaryStart(b, at), EncodedOrder.binaryLength(b, at)) + type;
      case EncodedBson.DOCUMENT, EncodedBson.ARRAY -> first(b, type, at);
      case EncodedBson.MISSING, EncodedBson.NULL -> EncodedBson.NULL;
      default -> type;
    };
  }

  /**
   * Words from the begin on, and one that ends at the end; what of that lies before the text is
   * shifted out. No branch depends on the length of a short text: lengths vary, and a branch that
   * is guessed wrong costs more than all else here.
   */
  static int text(byte[] b, int start, int length) {
    long h = length * PRIME;
    int end = start + length;
    if (end >= Long.BYTES) {
      for (int at = start; at < end - Long.BYTES; at += Long.BYTES) {
        h = (h ^ int64(b, at)) * PRIME;
        h ^= h >>> 29;
      }
      int outside = Math.max(0, Long.BYTES - length) * Byte.SIZE;
      h ^= length == 0 ? 0 : int64(b, end - Long.BYTES) >>> outside;
    } else {
      long word = 0;
      for (int at = end - 1; at >= start; at--) {
        word = word << Byte.SIZE | b[at] & 0xFF;
      }
      h ^= word;
    }
    h *= PRIME;
    return (int) (h ^ h >>> 32);
  }

  private static int mix(long value) {
    long h = value * PRIME;
    return (int) (h ^ h >>> 32);
  }

  private static int number(double d) {
    if (Double.isNaN(d)) {
      return NOT_A_NUMBER;
    }
    boolean whole = d >= -0x1p63 && d < 0x1p63 && d == (long) d;
    return mix(whole ? (long) d : Double.doubleToLongBits(d));
  }

  private static int decimal(BsonValue value) {
    if (BsonOrder.isNaN(value)) {
      return NOT_A_NUMBER;
    }
    if (!BsonOrder.isFinite(value)) {
      boolean negative = value.asDecimal128().getValue().isNegative();
      return number(negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
    }
    BigDecimal exact = BsonOrder.exact(value);
    if (exact.signum() == 0) {
      return mix(0);
    }
    if (exact.precision() - exact.scale() <= 19 && exact.stripTrailingZeros().scale() <= 0) {
      try {
        return mix(exact.longValueExact());
      } catch (ArithmeticException e) {
        // above 2^63: can still equal a double
      }
    }
    double near = exact.doubleValue();
    boolean same = Double.isFinite(near) && new BigDecimal(near).compareTo(exact) == 0;
    return same ? number(near) : UNUSUAL_DECIMAL;
  }

  private static int first(byte[] b, int type, int at) {
    int p = at + 4;
    if (p >= at + int32(b, at) - 1) {
      return type;
    }
    int inner = b[p] & 0xFF;
    int value = EncodedBson.nameEnd(b, p + 1) + 1;
    int hash = type == EncodedBson.DOCUMENT ? 31 * text(b, p + 1, value - 1 - (p + 1)) : 1;
    boolean text = inner == EncodedBson.STRING || inner == EncodedBson.SYMBOL;
    return hash + (text ? text(b, value + 4, int32(b, value) - 1) : 0);
  }
}
