package io.sworn.event.mongo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.sworn.event.BsonBytes;
import io.sworn.event.UnreadableEventException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Reads MongoDB's Extended JSON, the legacy strict form of audit files and version 2 (canonical and
 * relaxed) alike. Bare {@code NaN} and {@code Infinity}, which the server writes, are accepted;
 * duplicate keys are refused, because one of the two values would vanish; so are half a surrogate
 * pair and a zero character in a key, which no BSON can hold.
 *
 * <p>Bounds: {@value #DEPTH_MAX} levels, {@value #TEXT_CHARS_MAX} characters. An object that only
 * looks like a typed value (a {@code $date} that is no date or more exact than milliseconds, a
 * {@code $timestamp} beyond 32 bits, a member too many) stays an object, since clients may send any
 * keys.
 */
public final class ExtendedJson {

  /** Deepest nesting that is read, in levels of the BSON that the text stands for. */
  public static final int DEPTH_MAX = BsonBytes.DEPTH_MAX;

  /** Levels of JSON that a single value of BSON may take: a DBPointer in version 2. */
  private static final int VALUE_DEPTH_MAX = 3;

  /** Longest text that is read: a 16 MiB document, escaped and in base64. */
  public static final int TEXT_CHARS_MAX = 48 * 1024 * 1024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX + VALUE_DEPTH_MAX)
                  .maxStringLength(TEXT_CHARS_MAX)
                  .maxNumberLength(400)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private static final Pattern SUB_TYPE = Pattern.compile("[0-9a-fA-F]{1,2}");
  private static final Pattern NUMBER =
      Pattern.compile("-?[0-9]{1,400}(?:\\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?");

  /** Offsets with and without a colon, and {@code Z}. */
  private static final DateTimeFormatter DATE =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffset("+HH:MM", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .toFormatter(java.util.Locale.ROOT);

  private ExtendedJson() {}

  /**
   * Reads one document.
   *
   * @throws UnreadableEventException with line and column, and what was expected
   */
  public static BsonDocument parse(String text) {
    return readDocument(text, true);
  }

  /**
   * Reads one document without turning {@code {"$regex": ...}} into a regular expression value, as
   * filters need it, where {@code $regex} is an operator.
   *
   * @throws UnreadableEventException with line and column, and what was expected
   */
  public static BsonDocument parseFilter(String text) {
    return readDocument(text, false);
  }

  private static BsonDocument readDocument(String text, boolean regexValues) {
    if (text.length() > TEXT_CHARS_MAX) {
      throw new UnreadableEventException(
          "text of " + text.length() + " characters: at most " + TEXT_CHARS_MAX);
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      try {
        return readOnly(parser, regexValues);
      } catch (JsonProcessingException e) {
        // A breach of a bound carries no place of its own.
        JsonLocation place =
            e.getLocation() == null ? parser.currentTokenLocation() : e.getLocation();
        throw new UnreadableEventException(
            "not valid JSON at line "
                + place.getLineNr()
                + ", column "
                + place.getColumnNr()
                + ": "
                + e.getOriginalMessage().replaceAll(", from `[^`]*`", ""), // names of the library
            e);
      }
    } catch (IOException e) {
      throw new UnreadableEventException("not readable: " + e.getMessage(), e);
    }
  }

  private static BsonDocument readOnly(JsonParser parser, boolean regexValues) throws IOException {
    JsonToken first = parser.nextToken();
    if (first != JsonToken.START_OBJECT) {
      throw new UnreadableEventException(
          first == null ? "empty text: a JSON object expected" : "not a JSON object");
    }
    BsonDocument document = readObject(parser, regexValues);
    if (parser.nextToken() != null) {
      throw new UnreadableEventException(
          "text follows the end of the JSON object at column "
              + parser.currentTokenLocation().getColumnNr());
    }
    if (deeper(document, DEPTH_MAX)) {
      throw new UnreadableEventException("nesting depth of more than " + DEPTH_MAX + " levels");
    }
    return document;
  }

  /** Counted as in BSON; the parser's own bound keeps the descent short. */
  private static boolean deeper(BsonValue value, int levels) {
    if (value.isDocument()) {
      return levels == 0
          || value.asDocument().values().stream().anyMatch(inner -> deeper(inner, levels - 1));
    }
    if (value.isArray()) {
      return levels == 0 || value.asArray().stream().anyMatch(inner -> deeper(inner, levels - 1));
    }
    return value.isJavaScriptWithScope()
        && (levels < 2 || deeper(value.asJavaScriptWithScope().getScope(), levels - 1));
  }

  private static BsonDocument readObject(JsonParser parser, boolean regexValues)
      throws IOException {
    BsonDocument document = new BsonDocument();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = whole(parser.currentName(), parser);
      if (key.indexOf(0) >= 0) {
        throw unreadable("a zero character in a key", parser);
      }
      parser.nextToken();
      document.put(key, readValue(parser, regexValues));
    }
    return document;
  }

  /** {@code text}, unless it holds half of a surrogate pair. */
  private static String whole(String text, JsonParser parser) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          throw unreadable("half of a surrogate pair, which is no character", parser);
        }
        i++;
      }
    }
    return text;
  }

  private static UnreadableEventException unreadable(String reason, JsonParser parser) {
    JsonLocation place = parser.currentTokenLocation();
    return new UnreadableEventException(
        reason + " at line " + place.getLineNr() + ", column " + place.getColumnNr());
  }

  private static BsonValue readValue(JsonParser parser, boolean regexValues) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> typed(readObject(parser, regexValues), regexValues);
      case START_ARRAY -> {
        List<BsonValue> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(readValue(parser, regexValues));
        }
        yield new BsonArray(items);
      }
      case VALUE_STRING -> new BsonString(whole(parser.getText(), parser));
      case VALUE_TRUE -> BsonBoolean.TRUE;
      case VALUE_FALSE -> BsonBoolean.FALSE;
      case VALUE_NULL -> BsonNull.VALUE;
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> new BsonDouble(parser.getDoubleValue());
      default ->
          throw new UnreadableEventException(
              "unexpected " + parser.currentToken() + " at " + parser.currentTokenLocation());
    };
  }

  private static BsonValue integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      // No integer has a negative zero, so this was a double.
      case INT ->
          parser.getIntValue() == 0 && parser.getText().startsWith("-")
              ? new BsonDouble(-0.0)
              : new BsonInt32(parser.getIntValue());
      case LONG -> {
        // A server writes its 64-bit integers as $numberLong, so this was a double, unless none is
        // equal to it. BigDecimal, because a cast back to long would hide an overflow.
        long value = parser.getLongValue();
        boolean exact = new BigDecimal((double) value).compareTo(BigDecimal.valueOf(value)) == 0;
        yield exact ? new BsonDouble(value) : new BsonInt64(value);
      }
      default -> new BsonDouble(parser.getDoubleValue());
    };
  }

  /** The value that {@code object} stands for, or the object itself. */
  private static BsonValue typed(BsonDocument object, boolean regexValues) {
    int size = object.size();
    if (size == 0 || size > 2 || !object.getFirstKey().startsWith("$")) {
      return object;
    }
    BsonValue value = null;
    try {
      value = size == 1 ? single(object) : pair(object, regexValues);
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      // Looks like a typed value and is none: the client sent such keys, keep them.
      return object;
    }
    return value == null ? object : value;
  }

  private static @Nullable BsonValue single(BsonDocument object) {
    String key = object.getFirstKey();
    BsonValue v = object.get(key, BsonNull.VALUE);
    switch (key) {
      case "$date":
        return date(v);
      case "$oid":
        return v.isString() ? objectId(v.asString().getValue()) : null;
      case "$numberLong":
        return v.isString() ? int64(v.asString().getValue()) : null;
      case "$numberInt":
        return v.isString() ? int32(v.asString().getValue()) : null;
      case "$numberDouble":
        return v.isString() ? float64(v.asString().getValue()) : null;
      case "$numberDecimal":
        return v.isString() ? new BsonDecimal128(Decimal128.parse(v.asString().getValue())) : null;
      case "$binary":
        return hasTwo(v) ? binary(v.asDocument(), "base64", "subType") : null;
      case "$uuid":
        return v.isString() ? uuid(v.asString().getValue()) : null;
      case "$timestamp":
        return hasTwo(v) ? timestamp(v.asDocument()) : null;
      case "$regularExpression":
        return hasTwo(v) ? regex(v.asDocument(), "pattern", "options") : null;
      case "$undefined":
        return v.isBoolean() && v.asBoolean().getValue() ? new BsonUndefined() : null;
      case "$minKey":
        return isOne(v) ? new BsonMinKey() : null;
      case "$maxKey":
        return isOne(v) ? new BsonMaxKey() : null;
      case "$symbol":
        return v.isString() ? new BsonSymbol(v.asString().getValue()) : null;
      case "$code":
        return v.isString() ? new BsonJavaScript(v.asString().getValue()) : null;
      case "$dbPointer":
        return hasTwo(v) ? dbPointer(v.asDocument()) : null;
      default:
        return null;
    }
  }

  private static boolean hasTwo(BsonValue v) {
    return v.isDocument() && v.asDocument().size() == 2;
  }

  /** Members in the order in which a server writes them; any other order is a client's. */
  private static @Nullable BsonValue pair(BsonDocument object, boolean regexValues) {
    switch (object.getFirstKey()) {
      case "$binary":
        return binary(object, "$binary", "$type");
      case "$regex":
        return regexValues ? regex(object, "$regex", "$options") : null;
      case "$code":
        return object.isString("$code") && object.isDocument("$scope")
            ? new BsonJavaScriptWithScope(
                object.getString("$code").getValue(), object.getDocument("$scope"))
            : null;
      case "$ref":
        return object.isString("$ref") && object.isObjectId("$id")
            ? new BsonDbPointer(
                object.getString("$ref").getValue(), object.getObjectId("$id").getValue())
            : null;
      default:
        return null;
    }
  }

  private static @Nullable BsonValue objectId(String text) {
    ObjectId id = new ObjectId(text);
    return id.toHexString().equals(text) ? new BsonObjectId(id) : null;
  }

  /** Only the one spelling that would be written again. */
  private static @Nullable BsonValue int64(String text) {
    long value = Long.parseLong(text);
    return Long.toString(value).equals(text) ? new BsonInt64(value) : null;
  }

  private static @Nullable BsonValue int32(String text) {
    int value = Integer.parseInt(text);
    return Integer.toString(value).equals(text) ? new BsonInt32(value) : null;
  }

  private static @Nullable BsonValue uuid(String text) {
    UUID value = UUID.fromString(text); // fills up what is too short
    return value.toString().equals(text) ? new BsonBinary(value) : null;
  }

  private static @Nullable BsonValue date(BsonValue v) {
    if (v.isString()) {
      Instant time = OffsetDateTime.parse(v.asString().getValue(), DATE).toInstant();
      boolean exact = time.getNano() % 1_000_000 == 0;
      return exact ? new BsonDateTime(time.toEpochMilli()) : null;
    }
    if (v.isDouble()) { // a bare number of milliseconds beyond 32 bits
      double millis = v.asDouble().getValue();
      return millis == Math.rint(millis) && Math.abs(millis) < 0x1p63
          ? new BsonDateTime((long) millis)
          : null;
    }
    return v.isInt64() || v.isInt32() ? new BsonDateTime(v.asNumber().longValue()) : null;
  }

  private static @Nullable BsonValue binary(BsonDocument object, String data, String type) {
    if (!object.isString(data) || !object.isString(type)) {
      return null;
    }
    String subTypeText = object.getString(type).getValue();
    if (!SUB_TYPE.matcher(subTypeText).matches()) {
      return null;
    }
    int subType = Integer.parseInt(subTypeText, 16);
    String text = object.getString(data).getValue();
    byte[] bytes = Base64.getDecoder().decode(text);
    return Base64.getEncoder().encodeToString(bytes).equals(text)
        ? new BsonBinary((byte) subType, bytes)
        : null;
  }

  private static @Nullable BsonValue timestamp(BsonDocument object) {
    long seconds = unsigned(object.get("t"));
    long increment = unsigned(object.get("i"));
    return seconds < 0 || increment < 0 ? null : new BsonTimestamp((int) seconds, (int) increment);
  }

  /** A bare whole number of 32 bits without sign, which beyond 31 bits was read as a double. */
  private static long unsigned(@Nullable BsonValue v) {
    if (v != null && v.isInt32()) {
      return v.asInt32().getValue();
    }
    double value = v != null && v.isDouble() ? v.asDouble().getValue() : -1;
    boolean fits = value > Integer.MAX_VALUE && value < 0x1p32 && value == Math.rint(value);
    return fits ? (long) value : -1;
  }

  private static @Nullable BsonValue regex(BsonDocument object, String pattern, String options) {
    if (!object.isString(pattern) || !object.isString(options)) {
      return null;
    }
    BsonRegularExpression value =
        new BsonRegularExpression(
            object.getString(pattern).getValue(), object.getString(options).getValue());
    if (value.getPattern().indexOf(0) >= 0 || value.getOptions().indexOf(0) >= 0) {
      return null; // a regular expression ends at a zero character, so this was a text
    }
    // The value sorts its options; where that changes them, a client wrote an operator.
    return value.getOptions().equals(object.getString(options).getValue()) ? value : null;
  }

  private static @Nullable BsonValue dbPointer(BsonDocument object) {
    if (!object.isString("$ref") || !object.isObjectId("$id")) {
      return null;
    }
    return new BsonDbPointer(
        object.getString("$ref").getValue(), object.getObjectId("$id").getValue());
  }

  private static boolean isOne(BsonValue v) {
    return v.isInt32() && v.asInt32().getValue() == 1;
  }

  private static @Nullable BsonValue float64(String text) {
    return switch (text) {
      case "NaN" -> new BsonDouble(Double.NaN);
      case "Infinity" -> new BsonDouble(Double.POSITIVE_INFINITY);
      case "-Infinity" -> new BsonDouble(Double.NEGATIVE_INFINITY);
      // Java's own reader takes more: spaces, hexadecimal digits, a letter for the type.
      default -> NUMBER.matcher(text).matches() ? new BsonDouble(Double.parseDouble(text)) : null;
    };
  }

  /** Writes {@code document} in the legacy strict form, with the server's own spacing. */
  public static String write(BsonDocument document) {
    StringBuilder out = new StringBuilder(512);
    writeDocument(document, out);
    return out.toString();
  }

  private static void writeDocument(BsonDocument document, StringBuilder out) {
    if (document.isEmpty()) {
      out.append("{}");
      return;
    }
    String separator = "{ ";
    for (Map.Entry<String, BsonValue> member : document.entrySet()) {
      out.append(separator);
      writeString(member.getKey(), out);
      out.append(" : ");
      writeValue(member.getValue(), out);
      separator = ", ";
    }
    out.append(" }");
  }

  private static void writeArray(BsonArray array, StringBuilder out) {
    if (array.isEmpty()) {
      out.append("[]");
      return;
    }
    String separator = "[ ";
    for (BsonValue item : array) {
      out.append(separator);
      writeValue(item, out);
      separator = ", ";
    }
    out.append(" ]");
  }

  private static void writeValue(BsonValue value, StringBuilder out) {
    switch (value.getBsonType()) {
      case DOCUMENT -> writeDocument(value.asDocument(), out);
      case ARRAY -> writeArray(value.asArray(), out);
      case STRING -> writeString(value.asString().getValue(), out);
      case SYMBOL -> writeString(value.asSymbol().getSymbol(), out);
      case INT32 -> out.append(value.asInt32().getValue());
      case INT64 -> wrap(out, "$numberLong", Long.toString(value.asInt64().getValue()));
      case DOUBLE -> out.append(doubleText(value.asDouble().getValue()));
      case DECIMAL128 -> wrap(out, "$numberDecimal", value.asDecimal128().getValue().toString());
      case BOOLEAN -> out.append(value.asBoolean().getValue());
      case NULL -> out.append("null");
      case UNDEFINED -> out.append("{ \"$undefined\" : true }");
      case MIN_KEY -> out.append("{ \"$minKey\" : 1 }");
      case MAX_KEY -> out.append("{ \"$maxKey\" : 1 }");
      case OBJECT_ID -> wrap(out, "$oid", value.asObjectId().getValue().toHexString());
      case DATE_TIME -> writeDate(value.asDateTime().getValue(), out);
      case BINARY -> {
        BsonBinary binary = value.asBinary();
        out.append("{ \"$binary\" : \"")
            .append(Base64.getEncoder().encodeToString(binary.getData()))
            .append("\", \"$type\" : \"")
            .append(String.format("%02x", binary.getType()))
            .append("\" }");
      }
      case REGULAR_EXPRESSION -> {
        out.append("{ \"$regex\" : ");
        writeString(value.asRegularExpression().getPattern(), out);
        out.append(", \"$options\" : ");
        writeString(value.asRegularExpression().getOptions(), out);
        out.append(" }");
      }
      case TIMESTAMP ->
          out.append("{ \"$timestamp\" : { \"t\" : ")
              .append(Integer.toUnsignedString(value.asTimestamp().getTime()))
              .append(", \"i\" : ")
              .append(Integer.toUnsignedString(value.asTimestamp().getInc()))
              .append(" } }");
      case JAVASCRIPT -> wrap(out, "$code", value.asJavaScript().getCode());
      case JAVASCRIPT_WITH_SCOPE -> {
        out.append("{ \"$code\" : ");
        writeString(value.asJavaScriptWithScope().getCode(), out);
        out.append(", \"$scope\" : ");
        writeDocument(value.asJavaScriptWithScope().getScope(), out);
        out.append(" }");
      }
      case DB_POINTER -> {
        out.append("{ \"$ref\" : ");
        writeString(value.asDBPointer().getNamespace(), out);
        out.append(", \"$id\" : ");
        wrap(out, "$oid", value.asDBPointer().getId().toHexString());
        out.append(" }");
      }
      case END_OF_DOCUMENT -> throw new IllegalStateException("not a value");
    }
  }

  private static void wrap(StringBuilder out, String key, String text) {
    out.append("{ \"").append(key).append("\" : ");
    writeString(text, out);
    out.append(" }");
  }

  /** ISO text between the years 1970 and 9999, a number outside, as the server does. */
  private static void writeDate(long millis, StringBuilder out) {
    if (millis < 0 || millis > 253_402_300_799_999L) {
      out.append("{ \"$date\" : ");
      wrap(out, "$numberLong", Long.toString(millis));
      out.append(" }");
      return;
    }
    wrap(out, "$date", UTC_MILLIS.format(Instant.ofEpochMilli(millis)));
  }

  private static final DateTimeFormatter UTC_MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'+00:00'", java.util.Locale.ROOT)
          .withZone(java.time.ZoneOffset.UTC);

  private static String doubleText(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.toString(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < 0x1p63) {
      // Exact, and not as Double.toString gives it, whose digits differ between versions of Java.
      return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
    }
    String plain = new BigDecimal(Double.toString(value)).toString();
    return plain.replace("E", "e");
  }

  private static void writeString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || c == 0x7F) {
            out.append("\\u00").append(Character.forDigit(c >> 4, 16));
            out.append(Character.forDigit(c & 0xF, 16));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
