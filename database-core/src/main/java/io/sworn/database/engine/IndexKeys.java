package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import io.sworn.event.BsonBytes;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes that sort like the values. Equal values, also numbers of different types, have
 * equal bytes; no value's bytes begin another value's bytes. No byte after a whole value is 0xFF.
 */
final class IndexKeys {

  private IndexKeys() {}

  static byte[] encode(@Nullable Object value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(24);
    write(value, out, true);
    return out.toByteArray();
  }

  /** Bytes with which the keys of everything equal to {@code value} begin, maybe of others too. */
  static byte[] prefix(@Nullable Object value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(24);
    write(value, out, false);
    return out.toByteArray();
  }

  /** A key above all keys that begin with {@code prefix}. */
  static byte[] end(byte[] prefix) {
    byte[] end = Arrays.copyOf(prefix, prefix.length + 1);
    end[prefix.length] = (byte) 0xFF;
    return end;
  }

  private static void write(@Nullable Object value, ByteArrayOutputStream out, boolean exact) {
    if (value == null || value instanceof Missing) {
      out.write(0x05);
    } else if (value instanceof Number number) {
      out.write(0x0A);
      writeNumber(number, out, exact);
    } else if (value instanceof String text) {
      out.write(0x0F);
      writeText(text.getBytes(StandardCharsets.UTF_8), out);
    } else if (value instanceof Map<?, ?> map) {
      out.write(0x14);
      map.forEach(
          (name, item) -> {
            out.write(1);
            writeText(String.valueOf(name).getBytes(StandardCharsets.UTF_8), out);
            write(item, out, true);
          });
      out.write(0);
    } else if (value instanceof Collection<?> items) {
      out.write(0x19);
      for (Object item : items) {
        out.write(1);
        write(item, out, true);
      }
      out.write(0);
    } else {
      writeScalar(value, out);
    }
  }

  private static void writeScalar(Object value, ByteArrayOutputStream out) {
    if (value instanceof MinKey) {
      out.write(0x01);
    } else if (value instanceof BinData binary) {
      out.write(0x1E);
      writeText(binary.getData(), out);
    } else if (value instanceof UUID uuid) {
      out.write(0x1F);
      out.writeBytes(ordered(uuid.getMostSignificantBits()));
      out.writeBytes(ordered(uuid.getLeastSignificantBits()));
    } else if (value instanceof ObjectId id) {
      out.write(0x23);
      out.writeBytes(id.toByteArray());
    } else if (value instanceof Boolean bool) {
      out.write(0x28);
      out.write(bool ? 1 : 0);
    } else if (value instanceof Instant time) {
      out.write(0x2D);
      out.writeBytes(ordered(time.toEpochMilli()));
    } else if (value instanceof BsonTimestamp time) {
      out.write(0x2F);
      out.writeBytes(ordered(time.getValue() ^ Long.MIN_VALUE));
    } else if (value instanceof MaxKey) {
      out.write(0x7F);
    } else {
      out.write(0x37);
      writeText(BsonBytes.of(new BsonDocument("", BsonBridge.toBson(value))).array(), out);
    }
  }

  /** The nearest double in order, then what is left when it is not exact. */
  private static void writeNumber(Number number, ByteArrayOutputStream out, boolean exact) {
    double near = number.doubleValue();
    long bits = Double.doubleToLongBits(near == 0 ? 0.0 : near);
    out.writeBytes(
        ByteBuffer.allocate(8).putLong(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE).array());
    if (!exact) {
      return;
    }
    BigDecimal whole = null;
    if (number instanceof Long integer) {
      whole = BigDecimal.valueOf(integer);
    } else if (number instanceof Decimal128 decimal && Double.isFinite(near)) {
      whole = new BigDecimal(decimal.toString());
    }
    if (whole == null || whole.compareTo(new BigDecimal(near)) == 0) {
      out.write(0);
    } else {
      out.write(1);
      writeText(whole.stripTrailingZeros().toString().getBytes(StandardCharsets.US_ASCII), out);
    }
  }

  private static byte[] ordered(long value) {
    return ByteBuffer.allocate(8).putLong(value ^ Long.MIN_VALUE).array();
  }

  private static void writeText(byte[] text, ByteArrayOutputStream out) {
    for (byte b : text) {
      out.write(b);
      if (b == 0) {
        out.write(0xFE);
      }
    }
    out.write(0);
    out.write(1);
  }

  /** All values that a path reaches in a document, with MongoDB's way through arrays. */
  static List<@Nullable Object> values(Document document, String path) {
    List<@Nullable Object> found = new ArrayList<>();
    collect(document, path.split("\\."), 0, found);
    return found;
  }

  private static void collect(
      @Nullable Object value, String[] path, int at, List<@Nullable Object> found) {
    if (at == path.length) {
      if (value instanceof Collection<?> items) {
        found.addAll(items);
      }
      found.add(value);
    } else if (value instanceof Document document) {
      collect(document.get(path[at]), path, at + 1, found);
    } else if (value instanceof List<?> items) {
      for (Object item : items) {
        if (item instanceof Document) {
          collect(item, path, at, found);
        }
      }
      if (path[at].matches("\\d{1,9}")) {
        int index = Integer.parseInt(path[at]);
        if (index < items.size()) {
          collect(items.get(index), path, at + 1, found);
        }
      }
      if (found.isEmpty()) {
        found.add(null);
      }
    } else {
      found.add(null);
    }
  }
}
