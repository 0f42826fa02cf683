package io.sworn.filter.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sworn.event.DeadLetters;
import io.sworn.event.Sha256;
import io.sworn.event.Topics;
import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** What the engine gives to the dead letters: the bytes as they came, with the reason. */
final class DeadLetterRecords {

  static final String DESTINATION = "filter-engine";

  /** What is kept of a record that is too long for the dead letters. */
  private static final int CUT_BYTES = 1 << 20;

  private DeadLetterRecords() {}

  /**
   * The dead letter of a record.
   *
   * @param place where it lay, if that is known
   */
  static Record<byte[], Outgoing> of(
      Record<byte[], byte[]> record,
      @Nullable RecordMetadata place,
      String reason,
      String deadLetters) {
    String source =
        place == null ? "" : place.topic() + "-" + place.partition() + "@" + place.offset();
    Headers headers =
        new RecordHeaders()
            .add(DeadLetters.REASON, reason.getBytes(UTF_8))
            .add(DeadLetters.DESTINATION, DESTINATION.getBytes(UTF_8))
            .add(DeadLetters.ATTEMPT, "1".getBytes(UTF_8))
            .add(DeadLetters.SOURCE, source.getBytes(UTF_8));
    byte[] original = record.value() == null ? new byte[0] : record.value();
    if (original.length > Topics.EVENT_BYTES_MAX) {
      // Only a compressed batch gets here; what cannot be written would stop the whole trail.
      headers.add(DeadLetters.ORIGINAL_BYTES, Integer.toString(original.length).getBytes(UTF_8));
      headers.add(DeadLetters.ORIGINAL_SHA256, Sha256.hex(original).getBytes(UTF_8));
      original = Arrays.copyOf(original, CUT_BYTES);
    }
    return new Record<>(
        DESTINATION.getBytes(UTF_8),
        new Outgoing(deadLetters, original),
        record.timestamp(),
        headers);
  }
}
