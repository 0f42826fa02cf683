package io.sworn.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** JSON of the records that travel in topics ({@link TrailAccount}, {@link DeliveryReceipt}). */
public final class SwornJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private SwornJson() {}

  /** UTF-8 JSON of {@code value}. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new SwornException(ErrorCode.INTERNAL, "cannot write " + value.getClass(), e);
    }
  }

  /**
   * Reads a record; unknown members are ignored, so that older readers survive newer writers.
   *
   * @throws SwornException with {@link ErrorCode#INPUT} if the bytes are not such a record
   */
  public static <T> T read(byte[] json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INPUT, "not a " + type.getSimpleName() + ": " + e, e);
    }
  }
}
