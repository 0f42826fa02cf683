package io.sworn.filter.matcher;

import io.sworn.filter.language.BsonOrder;
import java.util.Arrays;
import org.bson.BsonType;
import org.bson.BsonValue;

/** A value that a filter compares with, encoded once. Immutable. */
final class Literal {

  private static final int VALUE_AT = 7; // length, type, "v", NUL
  private static final int TEXT_AT = VALUE_AT + 4;

  final int type;
  final int typeClass;
  final boolean isNaN;
  private final byte[] bytes;
  private final int start;
  private final int length;
  private final long bits;
  private final int hash;

  Literal(BsonValue value) {
    bytes = encode(value);
    type = bytes[4] & 0xFF;
    hash = Arrays.hashCode(bytes);
    typeClass = EncodedOrder.typeClass(type);
    isNaN = BsonOrder.isNaN(value);
    boolean text = value.getBsonType() == BsonType.STRING || value.getBsonType() == BsonType.SYMBOL;
    start = text ? TEXT_AT : VALUE_AT;
    length = text ? EncodedBson.int32(bytes, VALUE_AT) - 1 : bytes.length - 1 - VALUE_AT;
    bits =
        switch (type) {
          case EncodedBson.INT32 -> EncodedBson.int32(bytes, VALUE_AT);
          case EncodedBson.INT64, EncodedBson.DOUBLE, EncodedBson.DATE, EncodedBson.TIMESTAMP ->
              EncodedBson.int64(bytes, VALUE_AT);
          case EncodedBson.BOOLEAN -> bytes[VALUE_AT];
          default -> 0;
        };
  }

  /** Most literals are plain ASCII text: a codec for each costs more than all else of a filter. */
  private static byte[] encode(BsonValue value) {
    if (value.getBsonType() != BsonType.STRING) {
      return EncodedBson.encode(value);
    }
    String text = value.asString().getValue();
    int size = text.length();
    byte[] encoded = new byte[TEXT_AT + size + 2];
    for (int i = 0; i < size; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return EncodedBson.encode(value);
      }
      encoded[TEXT_AT + i] = (byte) c;
    }
    EncodedBson.putInt32(encoded, 0, encoded.length);
    encoded[4] = EncodedBson.STRING;
    encoded[5] = 'v';
    EncodedBson.putInt32(encoded, VALUE_AT, size + 1);
    return encoded;
  }

  /** Two literals of the same type and bytes mean the same. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Literal that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** The hash of every value that equals this one. */
  int valueHash() {
    return ValueHash.of(bytes, type, start, length, bits, VALUE_AT);
  }

  /**
   * Whether value {@code i} equals this: numbers by value, NaN itself; null also what is missing.
   */
  boolean equalTo(Values values, int i) {
    int other = values.type(i);
    if (type == EncodedBson.STRING && other == EncodedBson.STRING) {
      int from = values.start(i);
      return values.length(i) == length
          && Arrays.equals(values.buffer(i), from, from + length, bytes, start, start + length);
    }
    if (type == EncodedBson.NULL) {
      return other == EncodedBson.NULL || other == EncodedBson.MISSING;
    }
    return other != EncodedBson.MISSING
        && EncodedOrder.typeClass(other) == typeClass
        && order(values, i) == 0;
  }

  /** How value {@code i}, of the same class of types, stands to this one. */
  int order(Values values, int i) {
    int other = values.type(i);
    byte[] b = values.buffer(i);
    int from = values.start(i);
    return switch (other) {
      case EncodedBson.INT32, EncodedBson.INT64, EncodedBson.DOUBLE ->
          type == EncodedBson.DECIMAL
              ? BsonOrder.compare(number(other, values.bits(i)), decoded())
              : EncodedOrder.numbers(other, values.bits(i), type, bits);
      case EncodedBson.DATE -> Long.compare(values.bits(i), bits);
      case EncodedBson.TIMESTAMP -> Long.compareUnsigned(values.bits(i), bits);
      case EncodedBson.BOOLEAN -> Long.compare(values.bits(i), bits);
      case EncodedBson.STRING, EncodedBson.SYMBOL ->
          Arrays.compareUnsigned(b, from, from + values.length(i), bytes, start, start + length);
      default -> EncodedOrder.compare(b, other, from, bytes, type, VALUE_AT);
    };
  }

  private static BsonValue number(int type, long bits) {
    return type == EncodedBson.DOUBLE
        ? new org.bson.BsonDouble(Double.longBitsToDouble(bits))
        : new org.bson.BsonInt64(bits);
  }

  private BsonValue decoded() {
    return EncodedBson.decode(bytes, type, VALUE_AT);
  }

  /** How this literal stands to another one of its class. */
  int order(Literal that) {
    return EncodedOrder.compare(bytes, type, VALUE_AT, that.bytes, that.type, VALUE_AT);
  }
}
