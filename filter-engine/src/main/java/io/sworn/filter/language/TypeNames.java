package io.sworn.filter.language;

import io.sworn.filter.InvalidFilterException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonType;
import org.bson.BsonValue;

/** Names and numbers of BSON types as {@code $type} takes them. */
final class TypeNames {

  private static final Map<String, BsonType> NAMES =
      Map.ofEntries(
          Map.entry("double", BsonType.DOUBLE),
          Map.entry("string", BsonType.STRING),
          Map.entry("object", BsonType.DOCUMENT),
          Map.entry("array", BsonType.ARRAY),
          Map.entry("binData", BsonType.BINARY),
          Map.entry("undefined", BsonType.UNDEFINED),
          Map.entry("objectId", BsonType.OBJECT_ID),
          Map.entry("bool", BsonType.BOOLEAN),
          Map.entry("date", BsonType.DATE_TIME),
          Map.entry("null", BsonType.NULL),
          Map.entry("regex", BsonType.REGULAR_EXPRESSION),
          Map.entry("dbPointer", BsonType.DB_POINTER),
          Map.entry("javascript", BsonType.JAVASCRIPT),
          Map.entry("symbol", BsonType.SYMBOL),
          Map.entry("javascriptWithScope", BsonType.JAVASCRIPT_WITH_SCOPE),
          Map.entry("int", BsonType.INT32),
          Map.entry("timestamp", BsonType.TIMESTAMP),
          Map.entry("long", BsonType.INT64),
          Map.entry("decimal", BsonType.DECIMAL128),
          Map.entry("minKey", BsonType.MIN_KEY),
          Map.entry("maxKey", BsonType.MAX_KEY));

  private TypeNames() {}

  static Set<BsonType> parse(BsonValue value, String at) {
    List<BsonValue> items = value.isArray() ? value.asArray() : List.of(value);
    if (items.isEmpty()) {
      throw new InvalidFilterException(at, "at least one type expected");
    }
    Set<BsonType> types = EnumSet.noneOf(BsonType.class);
    for (BsonValue item : items) {
      if (item.isString() && item.asString().getValue().equals("number")) {
        types.addAll(List.of(BsonType.INT32, BsonType.INT64, BsonType.DOUBLE, BsonType.DECIMAL128));
      } else {
        types.add(one(item, at));
      }
    }
    return types;
  }

  private static BsonType one(BsonValue item, String at) {
    BsonType type = null;
    if (item.isString()) {
      type = NAMES.get(item.asString().getValue());
    } else if (BsonOrder.isFinite(item)) {
      double code = item.asNumber().doubleValue();
      type =
          Arrays.stream(BsonType.values())
              .filter(t -> t != BsonType.END_OF_DOCUMENT && code(t) == code)
              .findFirst()
              .orElse(null);
    }
    if (type == null) {
      throw new InvalidFilterException(at, "unknown type " + Text.of(item));
    }
    return type;
  }

  private static int code(BsonType type) {
    return type == BsonType.MIN_KEY ? -1 : type.getValue();
  }
}
