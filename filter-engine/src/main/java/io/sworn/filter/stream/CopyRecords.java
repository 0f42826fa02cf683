package io.sworn.filter.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.RouteHeaders;
import io.sworn.event.Topics;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.FilterSet;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.RouteRedactions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/** Copies kept events to their routes. Not thread-safe. */
final class CopyRecords {

  /** What Kafka adds to a record is less than the difference. */
  private static final int COPY_BYTES_MAX = Topics.COPY_BYTES_MAX - (64 << 10);

  private static final Header UNDECIDABLE =
      new RecordHeader(RouteHeaders.UNDECIDABLE, "true".getBytes(UTF_8));

  private final RouteCopies copies;
  private final RouteTopics routes;
  private final Connections connections;
  private final Consumer<Record<byte[], Outgoing>> out;

  /** Copies go to {@code out}. */
  CopyRecords(
      Topics topics,
      RouteRedactions redactions,
      Connections connections,
      Consumer<Record<byte[], Outgoing>> out) {
    this.copies = new RouteCopies(redactions);
    this.routes = new RouteTopics(topics);
    this.connections = connections;
    this.out = out;
  }

  /**
   * Copies an event to the routes of its judgement.
   *
   * @param refused gets the reason for each copy that could not be made
   * @return routes whose copy could be made
   */
  Set<String> copy(
      Record<byte[], byte[]> record,
      Judging judging,
      FilterSet.Judgement judgement,
      Consumer<String> refused) {
    if (judgement.labels().isEmpty()) {
      return Set.of();
    }
    copies.take(record.value(), judging);
    List<String> failed = null;
    for (Map.Entry<String, String> route : judgement.labels().entrySet()) {
      try {
        out.accept(copy(record, route.getKey(), route.getValue(), judgement.undecidable()));
      } catch (UnreadableEventException e) {
        refused.accept("route '" + route.getKey() + "': " + e.getMessage());
        failed = failed == null ? new ArrayList<>() : failed;
        failed.add(route.getKey());
      }
    }
    if (failed == null) {
      return judgement.labels().keySet();
    }
    Set<String> kept = new TreeSet<>(judgement.labels().keySet());
    failed.forEach(kept::remove);
    return kept;
  }

  private Record<byte[], Outgoing> copy(
      Record<byte[], byte[]> record, String route, String labels, boolean undecidable) {
    RouteCopies.Copy copy;
    try {
      copy = copies.of(route);
    } catch (UnreadableEventException e) {
      throw new UnreadableEventException("cannot be redacted: " + e.getMessage(), e);
    }
    Headers headers = new RecordHeaders().add(routes.filters(labels));
    if (undecidable) {
      headers.add(UNDECIDABLE);
    }
    if (!copy.redacted().isEmpty()) {
      headers.add(RouteHeaders.REDACTED, copy.redacted().getBytes(UTF_8));
    }
    byte[] client = connections.header(copies.rules(route));
    if (client != null) {
      headers.add(RouteHeaders.CLIENT, client);
    }
    long size = sizeOf(record.key(), copy.value(), headers);
    if (copy.value().length > AuditEventCodec.FRAME_BYTES_MAX || size > COPY_BYTES_MAX) {
      // Redaction can make a copy longer than the event, and the names of filters are many.
      throw new UnreadableEventException(
          "the copy has "
              + size
              + " bytes with its headers, a record may have "
              + COPY_BYTES_MAX
              + " and an event "
              + AuditEventCodec.FRAME_BYTES_MAX);
    }
    return new Record<>(
        record.key(), new Outgoing(routes.topic(route), copy.value()), record.timestamp(), headers);
  }

  private static long sizeOf(byte[] key, byte[] value, Headers headers) {
    long size = (key == null ? 0 : key.length) + value.length;
    for (Header header : headers) {
      size += header.key().length() + header.value().length;
    }
    return size;
  }
}
