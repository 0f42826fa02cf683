package io.sworn.filter.matcher;

import io.sworn.event.BsonBytes;
import io.sworn.event.UnreadableEventException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * BSON read in place (BSON specification 1.1): sizes, names, members. The types are the
 * specification's element types as unsigned bytes; {@link #MISSING} stands for no value.
 */
final class EncodedBson {

  static final int MISSING = 0;
  static final int DOUBLE = 0x01;
  static final int STRING = 0x02;
  static final int DOCUMENT = 0x03;
  static final int ARRAY = 0x04;
  static final int BINARY = 0x05;
  static final int UNDEFINED = 0x06;
  static final int OBJECT_ID = 0x07;
  static final int BOOLEAN = 0x08;
  static final int DATE = 0x09;
  static final int NULL = 0x0A;
  static final int REGEX = 0x0B;
  static final int DB_POINTER = 0x0C;
  static final int CODE = 0x0D;
  static final int SYMBOL = 0x0E;
  static final int CODE_WITH_SCOPE = 0x0F;
  static final int INT32 = 0x10;
  static final int TIMESTAMP = 0x11;
  static final int INT64 = 0x12;
  static final int DECIMAL = 0x13;
  static final int MAX_KEY = 0x7F;
  static final int MIN_KEY = 0xFF;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private EncodedBson() {}

  static int int32(byte[] b, int at) {
    return (int) INTS.get(b, at);
  }

  static long int64(byte[] b, int at) {
    return (long) LONGS.get(b, at);
  }

  static void putInt32(byte[] b, int at, int value) {
    INTS.set(b, at, value);
  }

  /** Where the NUL behind the name at {@code at} stands. */
  static int nameEnd(byte[] b, int at) {
    int end = at;
    while (b[end] != 0) {
      end++;
    }
    return end;
  }

  /** Bytes of the value of {@code type} at {@code at}; it must end before {@code limit}. */
  static int size(byte[] b, int type, int at, int limit) {
    int size =
        switch (type) {
          case NULL, UNDEFINED, MIN_KEY, MAX_KEY -> 0;
          case BOOLEAN -> 1;
          case INT32 -> 4;
          case DOUBLE, DATE, INT64, TIMESTAMP -> 8;
          case OBJECT_ID -> 12;
          case DECIMAL -> 16;
          case STRING, CODE, SYMBOL -> positive(int32(b, at), 1) + 4;
          case DOCUMENT, ARRAY -> positive(int32(b, at), 5);
          case CODE_WITH_SCOPE -> positive(int32(b, at), 14);
          case BINARY -> positive(int32(b, at), 0) + 5;
          case DB_POINTER -> positive(int32(b, at), 1) + 16;
          case REGEX -> nameEnd(b, nameEnd(b, at) + 1) + 1 - at;
          default -> throw damaged("type " + type);
        };
    if (size < 0 || size > limit - at) {
      throw damaged("a value ends behind its document");
    }
    return size;
  }

  private static int positive(int length, int least) {
    if (length < least) {
      throw damaged("length " + length);
    }
    return length;
  }

  static UnreadableEventException damaged(String what) {
    return new UnreadableEventException("not valid BSON: " + what);
  }

  /**
   * Where the value of the first member {@code name} of the document at {@code at} begins, or -1.
   * Its type is the byte at {@link #typeBefore}.
   */
  static int find(byte[] b, int at, byte[] name) {
    int end = at + int32(b, at) - 1;
    int p = at + 4;
    while (p < end) {
      int type = b[p] & 0xFF;
      int nameAt = p + 1;
      int value = nameEnd(b, nameAt) + 1;
      int length = value - 1 - nameAt;
      if (length == name.length && Arrays.equals(b, nameAt, value - 1, name, 0, length)) {
        return value;
      }
      p = value + size(b, type, value, end);
    }
    return -1;
  }

  /** The type of the value at {@code value}, which has the name {@code name} before it. */
  static int typeBefore(byte[] b, int value, byte[] name) {
    return b[value - name.length - 2] & 0xFF;
  }

  /** Elements of the document or array at {@code at}. */
  static int count(byte[] b, int at) {
    int end = at + int32(b, at) - 1;
    int n = 0;
    for (int p = at + 4; p < end; n++) {
      int value = nameEnd(b, p + 1) + 1;
      p = value + size(b, b[p] & 0xFF, value, end);
    }
    return n;
  }

  /** The value as an object: for the few sorts that are not worth code of their own. */
  static BsonValue decode(byte[] b, int type, int at) {
    int size = size(b, type, at, b.length);
    byte[] document = new byte[4 + 3 + size + 1];
    putInt32(document, 0, document.length);
    document[4] = (byte) type;
    document[5] = 'v';
    System.arraycopy(b, at, document, 7, size);
    return Objects.requireNonNull(BsonBytes.wrap(document).toDocument().get("v"));
  }

  /** The value as the only member, named {@code v}, of a document; it begins at 7. */
  static byte[] encode(BsonValue value) {
    return BsonBytes.of(new BsonDocument("v", value)).array();
  }
}
