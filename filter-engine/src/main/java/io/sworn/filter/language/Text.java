package io.sworn.filter.language;

import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Values in messages: short, and with their type where that is the point. */
public final class Text {

  private static final int CHARS_MAX = 80;

  private Text() {}

  /** Extended JSON, cut to a line. */
  public static String of(BsonValue value) {
    String text = io.sworn.event.mongo.ExtendedJson.write(new BsonDocument("v", value));
    text = text.substring("{ \"v\" : ".length(), text.length() - 2);
    return text.length() > CHARS_MAX ? text.substring(0, CHARS_MAX) + "..." : text;
  }

  /** Text as it is; of a long one the beginning and how long it is. */
  public static String cut(String text) {
    return text.length() <= CHARS_MAX
        ? text
        : text.substring(0, CHARS_MAX) + "... (" + text.length() + " characters)";
  }

  /** The same in quotation marks. */
  public static String quoted(String text) {
    return "'" + cut(text) + "'";
  }
}
