package io.sworn.database.engine;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import io.sworn.event.BsonBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * BSON values to the query library's values and back, always as deep copies.
 *
 * <p>The library knows generic binaries and UUIDs only. Every other subtype, and a generic binary
 * that begins with the marker, travels through it inside a generic binary: marker, subtype, data.
 * On disk and on the wire the original subtype stands.
 */
final class BsonBridge {

  static final int DEPTH_MAX = 200;

  private static final byte[] MARKER = {
    (byte) 0xB5, 0x0B, 0x5B, 0x1D, 0x7E, 0x11, (byte) 0xA9, 0x04
  };

  private BsonBridge() {}

  static Document decode(byte[] bson) {
    return toLibrary(BsonBytes.wrap(bson).toDocument());
  }

  static byte[] encode(Document document) {
    return BsonBytes.of(toBson(document)).array();
  }

  static Document toLibrary(BsonDocument document) {
    return toLibrary(document, 0);
  }

  private static Document toLibrary(BsonDocument document, int depth) {
    if (depth > DEPTH_MAX) {
      throw Refusal.badValue("a document nests deeper than " + DEPTH_MAX + " levels");
    }
    Document result = new Document();
    document.forEach((name, value) -> result.put(name, toLibrary(value, depth + 1)));
    return result;
  }

  static @Nullable Object toLibrary(BsonValue value) {
    return toLibrary(value, 0);
  }

  private static @Nullable Object toLibrary(BsonValue value, int depth) {
    switch (value.getBsonType()) {
      case DOCUMENT:
        return toLibrary(value.asDocument(), depth);
      case ARRAY:
        if (depth > DEPTH_MAX) {
          throw Refusal.badValue("an array nests deeper than " + DEPTH_MAX + " levels");
        }
        List<@Nullable Object> list = new ArrayList<>();
        for (BsonValue item : value.asArray()) {
          list.add(toLibrary(item, depth + 1));
        }
        return list;
      case STRING:
        return value.asString().getValue();
      case INT32:
        return value.asInt32().getValue();
      case INT64:
        return value.asInt64().getValue();
      case DOUBLE:
        return value.asDouble().getValue();
      case BOOLEAN:
        return value.asBoolean().getValue();
      case NULL:
        return null;
      case OBJECT_ID:
        return new ObjectId(value.asObjectId().getValue().toByteArray());
      case DATE_TIME:
        return Instant.ofEpochMilli(value.asDateTime().getValue());
      case TIMESTAMP:
        return new BsonTimestamp(value.asTimestamp().getValue());
      case DECIMAL128:
        org.bson.types.Decimal128 decimal = value.asDecimal128().getValue();
        return new Decimal128(decimal.getLow(), decimal.getHigh());
      case REGULAR_EXPRESSION:
        return new BoundedRegex(
            value.asRegularExpression().getPattern(), value.asRegularExpression().getOptions());
      case MIN_KEY:
        return MinKey.getInstance();
      case MAX_KEY:
        return MaxKey.getInstance();
      case JAVASCRIPT:
        return new BsonJavaScript(value.asJavaScript().getCode());
      case BINARY:
        return binary(value.asBinary());
      default:
        throw Refusal.badValue("BSON type " + value.getBsonType() + " is deprecated and refused");
    }
  }

  private static Object binary(BsonBinary binary) {
    byte[] data = binary.getData();
    if (binary.getType() == 4 && data.length == 16) {
      return binary.asUuid();
    }
    if (binary.getType() == 0 && !marked(data)) {
      return new BinData(data.clone());
    }
    byte[] wrapped = Arrays.copyOf(MARKER, MARKER.length + 1 + data.length);
    wrapped[MARKER.length] = binary.getType();
    System.arraycopy(data, 0, wrapped, MARKER.length + 1, data.length);
    return new BinData(wrapped);
  }

  private static boolean marked(byte[] data) {
    return data.length > MARKER.length
        && Arrays.equals(data, 0, MARKER.length, MARKER, 0, MARKER.length);
  }

  static BsonDocument toBson(Map<?, ?> document) {
    BsonDocument result = new BsonDocument();
    document.forEach((name, value) -> result.put(String.valueOf(name), toBson(value)));
    return result;
  }

  static BsonValue toBson(@Nullable Object value) {
    if (value == null || value instanceof Missing) {
      return BsonNull.VALUE;
    }
    if (value instanceof Map<?, ?> map) {
      return toBson(map);
    }
    if (value instanceof Collection<?> items) {
      BsonArray array = new BsonArray();
      for (Object item : items) {
        array.add(toBson(item));
      }
      return array;
    }
    if (value instanceof String text) {
      return new BsonString(text);
    }
    if (value instanceof Integer number) {
      return new BsonInt32(number);
    }
    if (value instanceof Long number) {
      return new BsonInt64(number);
    }
    if (value instanceof Double number) {
      return new BsonDouble(number);
    }
    if (value instanceof Boolean bool) {
      return BsonBoolean.valueOf(bool);
    }
    return rareToBson(value);
  }

  private static BsonValue rareToBson(Object value) {
    if (value instanceof ObjectId id) {
      return new BsonObjectId(new org.bson.types.ObjectId(id.toByteArray()));
    }
    if (value instanceof Instant time) {
      return new BsonDateTime(time.toEpochMilli());
    }
    if (value instanceof UUID uuid) {
      return new BsonBinary(uuid);
    }
    if (value instanceof BinData binary) {
      byte[] data = binary.getData();
      return marked(data)
          ? new BsonBinary(
              data[MARKER.length], Arrays.copyOfRange(data, MARKER.length + 1, data.length))
          : new BsonBinary(data.clone());
    }
    if (value instanceof BsonTimestamp time) {
      return new org.bson.BsonTimestamp(time.getValue());
    }
    if (value instanceof Decimal128 decimal) {
      return new BsonDecimal128(
          org.bson.types.Decimal128.fromIEEE754BIDEncoding(decimal.getHigh(), decimal.getLow()));
    }
    if (value instanceof BsonRegularExpression regex) {
      String options = regex.getOptions();
      return new org.bson.BsonRegularExpression(regex.getPattern(), options == null ? "" : options);
    }
    if (value instanceof MinKey) {
      return new BsonMinKey();
    }
    if (value instanceof MaxKey) {
      return new BsonMaxKey();
    }
    if (value instanceof BsonJavaScript code) {
      return new org.bson.BsonJavaScript(code.getCode());
    }
    throw new IllegalStateException("the query library gave a " + value.getClass());
  }
}
