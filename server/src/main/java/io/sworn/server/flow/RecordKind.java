package io.sworn.server.flow;

import io.sworn.event.AccountHeaders;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Tells apart what stands in one topic, by {@link AccountHeaders#KIND}. */
final class RecordKind {

  private RecordKind() {}

  /** The kind; null for the one that needs no header. */
  static @Nullable String of(ConsumerRecord<byte[], byte[]> record) {
    Header kind = record.headers().lastHeader(AccountHeaders.KIND);
    return kind == null ? null : new String(kind.value(), StandardCharsets.UTF_8);
  }
}
