package io.sworn.filter.matcher;

import static io.sworn.filter.matcher.EncodedBson.int32;
import static io.sworn.filter.matcher.EncodedBson.int64;

import io.sworn.filter.language.BsonOrder;
import java.util.Arrays;

/**
 * {@link BsonOrder} on encoded values. Decimals, patterns, pointers and code are compared as
 * objects; everything else in place.
 */
final class EncodedOrder {

  private static final int NUMBER_CLASS = 10;
  private static final int TEXT_CLASS = 15;
  private static final double TWO_TO_63 = 0x1p63;

  private EncodedOrder() {}

  /** As {@link BsonOrder#typeClass}. */
  static int typeClass(int type) {
    return switch (type) {
      case EncodedBson.MIN_KEY -> -1;
      case EncodedBson.UNDEFINED, EncodedBson.MISSING -> 0;
      case EncodedBson.NULL -> 5;
      case EncodedBson.INT32, EncodedBson.INT64, EncodedBson.DOUBLE, EncodedBson.DECIMAL ->
          NUMBER_CLASS;
      case EncodedBson.STRING, EncodedBson.SYMBOL -> TEXT_CLASS;
      case EncodedBson.DOCUMENT -> 20;
      case EncodedBson.ARRAY -> 25;
      case EncodedBson.BINARY -> 30;
      case EncodedBson.OBJECT_ID -> 35;
      case EncodedBson.BOOLEAN -> 40;
      case EncodedBson.DATE -> 45;
      case EncodedBson.TIMESTAMP -> 47;
      case EncodedBson.REGEX -> 50;
      case EncodedBson.DB_POINTER -> 55;
      case EncodedBson.CODE -> 60;
      case EncodedBson.CODE_WITH_SCOPE -> 65;
      case EncodedBson.MAX_KEY -> 127;
      default -> throw EncodedBson.damaged("type " + type);
    };
  }

  static boolean isNumber(int type) {
    return type == EncodedBson.INT32
        || type == EncodedBson.INT64
        || type == EncodedBson.DOUBLE
        || type == EncodedBson.DECIMAL;
  }

  /** The whole order of two BSON values. */
  static int compare(byte[] a, int typeA, int atA, byte[] b, int typeB, int atB) {
    int order = Integer.compare(typeClass(typeA), typeClass(typeB));
    return order != 0 ? order : sameClass(a, typeA, atA, b, typeB, atB);
  }

  private static int sameClass(byte[] a, int typeA, int atA, byte[] b, int typeB, int atB) {
    return switch (typeA) {
      case EncodedBson.INT32, EncodedBson.INT64, EncodedBson.DOUBLE, EncodedBson.DECIMAL ->
          typeA == EncodedBson.DECIMAL || typeB == EncodedBson.DECIMAL
              ? objects(a, typeA, atA, b, typeB, atB)
              : numbers(typeA, bits(a, typeA, atA), typeB, bits(b, typeB, atB));
      case EncodedBson.STRING, EncodedBson.SYMBOL ->
          Arrays.compareUnsigned(
              a, atA + 4, atA + 3 + int32(a, atA), b, atB + 4, atB + 3 + int32(b, atB));
      case EncodedBson.DOCUMENT -> documents(a, atA, b, atB, true);
      case EncodedBson.ARRAY -> documents(a, atA, b, atB, false);
      case EncodedBson.BINARY -> binaries(a, atA, b, atB);
      case EncodedBson.OBJECT_ID -> Arrays.compareUnsigned(a, atA, atA + 12, b, atB, atB + 12);
      case EncodedBson.BOOLEAN -> Byte.compare(a[atA], b[atB]);
      case EncodedBson.DATE -> Long.compare(int64(a, atA), int64(b, atB));
      case EncodedBson.TIMESTAMP -> Long.compareUnsigned(int64(a, atA), int64(b, atB));
      case EncodedBson.REGEX,
          EncodedBson.DB_POINTER,
          EncodedBson.CODE,
          EncodedBson.CODE_WITH_SCOPE ->
          objects(a, typeA, atA, b, typeB, atB);
      default -> 0; // null, undefined and the two keys have but one value
    };
  }

  private static int objects(byte[] a, int typeA, int atA, byte[] b, int typeB, int atB) {
    return BsonOrder.compare(EncodedBson.decode(a, typeA, atA), EncodedBson.decode(b, typeB, atB));
  }

  private static long bits(byte[] b, int type, int at) {
    return type == EncodedBson.INT32 ? int32(b, at) : int64(b, at);
  }

  /** Two numbers that are no decimals; doubles as their bits. NaN is least and equals itself. */
  static int numbers(int typeA, long a, int typeB, long b) {
    boolean doubleA = typeA == EncodedBson.DOUBLE;
    boolean doubleB = typeB == EncodedBson.DOUBLE;
    if (!doubleA && !doubleB) {
      return Long.compare(a, b);
    }
    if (doubleA && doubleB) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      if (Double.isNaN(x) || Double.isNaN(y)) {
        return Boolean.compare(Double.isNaN(y), Double.isNaN(x));
      }
      return x < y ? -1 : x > y ? 1 : 0; // the two zeros are equal
    }
    return doubleA
        ? -integerWithDouble(b, Double.longBitsToDouble(a))
        : integerWithDouble(a, Double.longBitsToDouble(b));
  }

  /** Exact, also above 2^53. */
  private static int integerWithDouble(long a, double b) {
    if (Double.isNaN(b)) {
      return 1;
    }
    if (b >= TWO_TO_63) {
      return -1;
    }
    if (b < -TWO_TO_63) {
      return 1;
    }
    long whole = (long) b;
    return a != whole ? Long.compare(a, whole) : Double.compare(0, b - whole + 0.0);
  }

  static int binaryStart(byte[] b, int at) {
    return at + 5 + (b[at + 4] == 2 ? 4 : 0); // subtype 2 repeats its length
  }

  static int binaryLength(byte[] b, int at) {
    return int32(b, at) - (b[at + 4] == 2 ? 4 : 0);
  }

  private static int binaries(byte[] a, int atA, byte[] b, int atB) {
    int lengthA = binaryLength(a, atA);
    int order = Integer.compare(lengthA, binaryLength(b, atB));
    order = order != 0 ? order : Integer.compare(a[atA + 4] & 0xFF, b[atB + 4] & 0xFF);
    int startA = binaryStart(a, atA);
    int startB = binaryStart(b, atB);
    return order != 0
        ? order
        : Arrays.compareUnsigned(a, startA, startA + lengthA, b, startB, startB + lengthA);
  }

  /** Documents compare by class, name and value of each member in turn, arrays by values alone. */
  private static int documents(byte[] a, int atA, byte[] b, int atB, boolean named) {
    int endA = atA + int32(a, atA) - 1;
    int endB = atB + int32(b, atB) - 1;
    int p = atA + 4;
    int q = atB + 4;
    while (p < endA && q < endB) {
      int typeA = a[p] & 0xFF;
      int typeB = b[q] & 0xFF;
      int valueA = EncodedBson.nameEnd(a, p + 1) + 1;
      int valueB = EncodedBson.nameEnd(b, q + 1) + 1;
      int order = Integer.compare(typeClass(typeA), typeClass(typeB));
      if (order == 0 && named) {
        order = Arrays.compareUnsigned(a, p + 1, valueA - 1, b, q + 1, valueB - 1);
      }
      order = order != 0 ? order : sameClass(a, typeA, valueA, b, typeB, valueB);
      if (order != 0) {
        return order;
      }
      p = valueA + EncodedBson.size(a, typeA, valueA, endA);
      q = valueB + EncodedBson.size(b, typeB, valueB, endB);
    }
    return Boolean.compare(p < endA, q < endB);
  }
}
