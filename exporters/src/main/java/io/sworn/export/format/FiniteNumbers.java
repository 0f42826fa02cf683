package io.sworn.export.format;

import io.sworn.event.mongo.ExtendedJson;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * MongoDB's JSON without bare {@code NaN} and {@code Infinity}: the server writes them, JSON
 * readers refuse them. They become {@code {"$numberDouble": "NaN"}}, as version 2 of the format has
 * it.
 */
final class FiniteNumbers {

  private FiniteNumbers() {}

  static String json(BsonDocument document) {
    return ExtendedJson.write(finite(document).asDocument());
  }

  /** {@code value} itself if all its numbers are finite. */
  static BsonValue finite(BsonValue value) {
    if (value.isDouble() && !Double.isFinite(value.asDouble().getValue())) {
      return new BsonDocument(
          "$numberDouble", new BsonString(Double.toString(value.asDouble().getValue())));
    }
    if (value.isArray()) {
      BsonArray array = value.asArray();
      for (int i = 0; i < array.size(); i++) {
        BsonValue item = array.get(i);
        BsonValue other = finite(item);
        if (other != item) {
          array.set(i, other);
        }
      }
    } else if (value.isDocument()) {
      for (Map.Entry<String, BsonValue> member : value.asDocument().entrySet()) {
        BsonValue other = finite(member.getValue());
        if (other != member.getValue()) {
          member.setValue(other);
        }
      }
    }
    return value;
  }
}
