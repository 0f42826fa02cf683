package io.sworn.export.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.AuditEvent;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.EventKind;
import io.sworn.event.RouteHeaders;
import io.sworn.event.SourcePosition;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.api.Test;

class ClientOfConnectionTest {

  private static final Client CLIENT =
      new Client("orders-service", "mongo-java-driver|sync", "5.2.1", "SCRAM-SHA-256");

  private static final AuditEvent EVENT =
      AuditEvent.builder(SourcePosition.at("db/1", 1), EventKind.MONGODB, "authCheck").build();

  @Test
  void headerOfTheFilterEngineIsJoinedWhateverConverterReadIt() {
    byte[] header = ClientHeader.write(CLIENT);
    assertThat(ExporterSinkTask.withClient(EVENT, record(header)).client()).isEqualTo(CLIENT);
    Object converted =
        new SimpleHeaderConverter().toConnectHeader("topic", RouteHeaders.CLIENT, header).value();
    assertThat(ExporterSinkTask.withClient(EVENT, record(converted)).client()).isEqualTo(CLIENT);
  }

  @Test
  void whatTheEventSaysItselfCountsAndAStrangeHeaderIsLeftAside() {
    AuditEvent own = EVENT.withClient(new Client("own", null, null, null));
    assertThat(ExporterSinkTask.withClient(own, record(ClientHeader.write(CLIENT)))).isSameAs(own);
    assertThat(ExporterSinkTask.withClient(EVENT, record("[1".getBytes(UTF_8)))).isSameAs(EVENT);
    SinkRecord without = record(null);
    assertThat(ExporterSinkTask.withClient(EVENT, without)).isSameAs(EVENT);
  }

  private static SinkRecord record(Object header) {
    ConnectHeaders headers = new ConnectHeaders();
    if (header != null) {
      headers.add(RouteHeaders.CLIENT, header, null);
    }
    return new SinkRecord(
        "topic",
        0,
        Schema.BYTES_SCHEMA,
        null,
        Schema.BYTES_SCHEMA,
        new byte[0],
        0,
        null,
        null,
        headers);
  }
}
