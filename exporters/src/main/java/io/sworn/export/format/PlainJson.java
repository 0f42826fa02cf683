package io.sworn.export.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * JSON as search engines read it: types of BSON that JSON lacks become text. Integers above 2^53,
 * which many readers round, become text too, as do NaN and the infinities.
 */
final class PlainJson {

  private static final long EXACT_IN_DOUBLE = 1L << 53;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(400).build())
          .build();

  interface Body {
    void write(JsonGenerator out) throws IOException;
  }

  private PlainJson() {}

  /** UTF-8 bytes of what {@code body} writes. */
  static byte[] bytes(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array took no JSON", e);
    }
    return bytes.toByteArray();
  }

  static String text(BsonValue value) {
    return new String(bytes(out -> write(value, out)), StandardCharsets.UTF_8);
  }

  static void field(JsonGenerator out, String name, @Nullable String value) throws IOException {
    if (value != null) {
      out.writeStringField(name, value);
    }
  }

  static void array(JsonGenerator out, String name, Iterable<String> values) throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  static void write(BsonValue value, JsonGenerator out) throws IOException {
    switch (value.getBsonType()) {
      case DOCUMENT -> {
        out.writeStartObject();
        for (Map.Entry<String, BsonValue> member : value.asDocument().entrySet()) {
          out.writeFieldName(member.getKey());
          write(member.getValue(), out);
        }
        out.writeEndObject();
      }
      case ARRAY -> {
        out.writeStartArray();
        for (BsonValue item : value.asArray()) {
          write(item, out);
        }
        out.writeEndArray();
      }
      case STRING -> out.writeString(value.asString().getValue());
      case SYMBOL -> out.writeString(value.asSymbol().getSymbol());
      case INT32 -> out.writeNumber(value.asInt32().getValue());
      case INT64 -> writeLong(value.asInt64().getValue(), out);
      case DOUBLE -> writeDouble(value.asDouble().getValue(), out);
      case DECIMAL128 -> out.writeString(value.asDecimal128().getValue().toString());
      case BOOLEAN -> out.writeBoolean(value.asBoolean().getValue());
      case NULL, UNDEFINED -> out.writeNull();
      case MIN_KEY -> out.writeString("MinKey");
      case MAX_KEY -> out.writeString("MaxKey");
      case OBJECT_ID -> out.writeString(value.asObjectId().getValue().toHexString());
      case DATE_TIME ->
          out.writeString(Instant.ofEpochMilli(value.asDateTime().getValue()).toString());
      case BINARY ->
          out.writeString(Base64.getEncoder().encodeToString(value.asBinary().getData()));
      case REGULAR_EXPRESSION ->
          out.writeString(
              "/"
                  + value.asRegularExpression().getPattern()
                  + "/"
                  + value.asRegularExpression().getOptions());
      case TIMESTAMP ->
          out.writeString(
              Integer.toUnsignedString(value.asTimestamp().getTime())
                  + ":"
                  + Integer.toUnsignedString(value.asTimestamp().getInc()));
      case JAVASCRIPT -> out.writeString(value.asJavaScript().getCode());
      case JAVASCRIPT_WITH_SCOPE -> out.writeString(value.asJavaScriptWithScope().getCode());
      case DB_POINTER ->
          out.writeString(
              value.asDBPointer().getNamespace() + ":" + value.asDBPointer().getId().toHexString());
      case END_OF_DOCUMENT -> throw new IllegalStateException("not a value");
    }
  }

  private static void writeLong(long value, JsonGenerator out) throws IOException {
    if (value > EXACT_IN_DOUBLE || value < -EXACT_IN_DOUBLE) {
      out.writeString(Long.toString(value));
    } else {
      out.writeNumber(value);
    }
  }

  private static void writeDouble(double value, JsonGenerator out) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) <= EXACT_IN_DOUBLE && Math.abs(value) >= 1e7) {
      out.writeNumber((long) value); // Java would write an exponent, which nobody searches for
    } else if (Double.isFinite(value)) {
      out.writeNumber(value);
    } else {
      out.writeString(Double.toString(value));
    }
  }
}
