package io.sworn.export.loopback;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Judges a body of envelopes as the collector does: in order, up to the first bad one. */
final class HecEnvelopes {

  /** Decimals as they were written, to tell scientific notation. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final Set<String> KEYS =
      Set.of("event", "time", "host", "source", "sourcetype", "index", "fields");
  private static final Pattern PLAIN_DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");

  record Envelope(String id, String json) {}

  /**
   * @param code 0 = all taken
   * @param number of the first bad envelope, -1 = not told
   */
  record Verdict(List<Envelope> taken, int code, String text, int number) {}

  private HecEnvelopes() {}

  static Verdict judge(byte[] body, String refusedId) throws IOException {
    List<Envelope> taken = new ArrayList<>();
    if (body.length == 0) {
      return new Verdict(taken, 5, "No data", -1);
    }
    try (MappingIterator<JsonNode> envelopes = MAPPER.readerFor(JsonNode.class).readValues(body)) {
      while (envelopes.hasNextValue()) {
        JsonNode envelope = envelopes.nextValue();
        int number = taken.size();
        if (!envelope.isObject()) {
          return new Verdict(taken, 6, "Invalid data format", number);
        }
        if (unknownKey(envelope)) {
          // Measured on real servers: what follows vanishes with a 200, unless it is the first.
          return number == 0
              ? new Verdict(taken, 5, "No data", -1)
              : new Verdict(taken, 0, "Success", -1);
        }
        Verdict bad = bad(envelope, taken, number, refusedId);
        if (bad != null) {
          return bad;
        }
        taken.add(new Envelope(id(envelope), envelope.toString()));
      }
    } catch (JsonProcessingException e) {
      return new Verdict(taken, 6, "Invalid data format", taken.size());
    }
    return taken.isEmpty()
        ? new Verdict(taken, 5, "No data", -1)
        : new Verdict(taken, 0, "Success", -1);
  }

  private static @org.jspecify.annotations.Nullable Verdict bad(
      JsonNode envelope, List<Envelope> taken, int number, String refusedId) {
    if (!envelope.has("event")) {
      return new Verdict(taken, 12, "Event field is required", number);
    }
    JsonNode event = envelope.path("event");
    if (event.isNull() || (event.isTextual() && event.asText().isEmpty())) {
      return new Verdict(taken, 13, "Event field cannot be blank", number);
    }
    for (JsonNode value : envelope.path("fields")) {
      if (value.isObject()) {
        return new Verdict(taken, 15, "Error in handling indexed fields", number);
      }
    }
    JsonNode time = envelope.path("time");
    boolean timeIsGood =
        time.isMissingNode()
            || (time.isNumber() && !time.decimalValue().toString().contains("E"))
            || (time.isTextual() && PLAIN_DECIMAL.matcher(time.asText()).matches());
    if (!timeIsGood) {
      return new Verdict(taken, 15, "Error in handling indexed fields", number);
    }
    if (!refusedId.isEmpty() && id(envelope).equals(refusedId)) {
      return new Verdict(taken, 6, "Invalid data format", number);
    }
    return null;
  }

  private static boolean unknownKey(JsonNode envelope) {
    for (Iterator<String> names = envelope.fieldNames(); names.hasNext(); ) {
      if (!KEYS.contains(names.next())) {
        return true;
      }
    }
    return false;
  }

  private static String id(JsonNode envelope) {
    return envelope.path("fields").path("event_id").asText();
  }
}
