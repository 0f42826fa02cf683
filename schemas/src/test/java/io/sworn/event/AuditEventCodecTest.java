package io.sworn.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.Test;

class AuditEventCodecTest {

  private static final AuditEvent FULL =
      AuditEvent.builder(SourcePosition.at("db-1/0", 7), EventKind.DATABASE, "authCheck")
          .time(Instant.parse("2026-03-02T08:00:01.184123Z"))
          .observed(Instant.parse("1969-12-31T23:59:59.999999Z"))
          .session(UUID.fromString("60787e00-8713-43e1-9498-619c95b1b566"))
          .local(Endpoint.tcp("::1", 27017))
          .remote(Endpoint.unixSocket("/tmp/s"))
          .intermediates(List.of(Endpoint.SYSTEM_USER, Endpoint.EMPTY))
          .users(List.of(new UserName("zoë", "admin")))
          .roles(List.of(new RoleName("root", "admin"), new RoleName("read", "x")))
          .command("find")
          .namespace("shop.orders")
          .param(BsonBytes.of(new BsonDocument("a", new BsonInt32(1))))
          .result(13)
          .client(new Client("app", "driver", null, "SCRAM-SHA-256"))
          .extra(BsonBytes.of(new BsonDocument("b", new BsonInt32(2))))
          .build();

  @Test
  void bytesAreWhatAvroItselfReadsAndWrites() throws IOException {
    byte[] frame = AuditEventCodec.encode(FULL);
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(AuditEventCodec.schema())
            .read(null, DecoderFactory.get().binaryDecoder(frame, 10, frame.length - 10, null));
    assertThat(record.get("trail")).hasToString("db-1/0");
    assertThat(record.get("result")).isEqualTo(13);
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(AuditEventCodec.schema()).write(record, encoder);
    encoder.flush();
    assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(frame, 10, frame.length));
    assertThat(AuditEventCodec.decode(frame)).isEqualTo(FULL);
  }

  @Test
  void whatIsArchivedIsReadBeyondTheDepthThatIsAdmittedButNotToAnyDepth() {
    for (int depth : new int[] {BsonBytes.DEPTH_MAX, 2 * BsonBytes.DEPTH_MAX}) {
      byte[] frame = AuditEventCodec.encode(nested(depth));
      assertThatThrownBy(() -> AuditEventCodec.decode(frame))
          .hasMessageContaining("nested deeper than 249 levels");
      AuditEvent read = AuditEventCodec.decodeArchived(frame);
      assertThat(read).isEqualTo(nested(depth));
      assertThat(read.param().toDocument()).hasSize(1);
    }
    for (int depth : new int[] {2 * BsonBytes.DEPTH_MAX + 1, 1_000_000}) {
      byte[] bomb = AuditEventCodec.encode(nested(depth));
      assertThatThrownBy(() -> AuditEventCodec.decodeArchived(bomb))
          .hasMessageContaining("nested deeper than 500 levels");
    }
  }

  private static AuditEvent nested(int depth) {
    return AuditEvent.builder(SourcePosition.at("a", 1), EventKind.DATABASE, "authCheck")
        .time(Instant.EPOCH)
        .observed(Instant.EPOCH)
        .param(BsonBytes.wrap(BsonBytesTest.nested(depth)))
        .build();
  }

  @Test
  void eventThatIsMovedIsTheSameAsOneThatWasEncodedThere() {
    for (long sequence : new long[] {1, 63, 64, 65, 8_192, 8_193, 1L << 40, Long.MAX_VALUE}) {
      SourcePosition position = new SourcePosition("db-1/0", sequence, sequence / 2);
      AuditEvent there =
          new AuditEvent(
              EventId.of("db-1/0", sequence),
              "db-1/0",
              sequence,
              sequence / 2,
              FULL.kind(),
              FULL.type(),
              FULL.time(),
              FULL.observed(),
              FULL.session(),
              FULL.local(),
              FULL.remote(),
              FULL.intermediates(),
              FULL.users(),
              FULL.roles(),
              FULL.command(),
              FULL.namespace(),
              FULL.param(),
              FULL.result(),
              FULL.client(),
              FULL.extra());
      byte[] expected = AuditEventCodec.encode(there);
      assertThat(AuditEventCodec.moved(AuditEventCodec.encode(FULL), position)).isEqualTo(expected);
      assertThat(AuditEventCodec.moved(expected, SourcePosition.at("db-1/0", 7)))
          .isEqualTo(AuditEventCodec.encode(FULL));
    }
    assertThatThrownBy(
            () -> AuditEventCodec.moved(AuditEventCodec.encode(FULL), SourcePosition.at("db/1", 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another trail");
  }

  @Test
  void idDependsOnTrailAndSequenceAlone() {
    assertThat(EventId.of("db-1/0", 7)).isEqualTo(FULL.id());
    assertThat(EventId.of("db-1/0", 7)).hasToString("ce12349f66053ce48cb99e94f96acfe8");
    assertThat(EventId.parse(FULL.id().toString())).isEqualTo(FULL.id());
    assertThat(EventId.of("db-1/0", 8)).isNotEqualTo(FULL.id());
  }

  @Test
  void everyCutAndEveryForeignHeaderIsRefusedWithAReason() {
    byte[] frame = AuditEventCodec.encode(FULL);
    for (int length = 0; length < frame.length; length++) {
      byte[] cut = Arrays.copyOf(frame, length);
      assertThatThrownBy(() -> AuditEventCodec.decode(cut))
          .isInstanceOf(UnreadableEventException.class);
    }
    assertThatThrownBy(() -> AuditEventCodec.decode(Arrays.copyOf(frame, frame.length + 1)))
        .hasMessageContaining("bytes follow");
    frame[3] ^= 1;
    assertThatThrownBy(() -> AuditEventCodec.decode(frame)).hasMessageContaining("fingerprint");
    assertThatThrownBy(() -> AuditEventCodec.decode(HexFormat.of().parseHex("c301")))
        .hasMessageContaining("Avro frame");
  }

  @Test
  void anEventWhoseParametersAreNoBsonOrABombIsRefused() {
    byte[] garbage = {9, 0, 0, 0, 0x42, 'a', 0, 1, 0};
    byte[] bomb = BsonBytesTest.nested(100_000);
    for (byte[] param : new byte[][] {garbage, bomb}) {
      AuditEvent event =
          AuditEvent.builder(SourcePosition.at("db-1/0", 1), EventKind.DATABASE, "authCheck")
              .param(BsonBytes.wrap(param))
              .build();
      byte[] frame = AuditEventCodec.encode(event);
      assertThatThrownBy(() -> AuditEventCodec.decode(frame))
          .isInstanceOf(UnreadableEventException.class)
          .hasMessageContaining("BSON document of " + param.length + " bytes");
    }
  }

  @Test
  void aLengthThatIsALieReservesNoMemory() {
    byte[] frame = AuditEventCodec.encode(FULL);
    byte[] lie = Arrays.copyOf(frame, frame.length + 4);
    // The length of the trail follows header and id: five bytes of a number near 2^31.
    byte[] length = HexFormat.of().parseHex("f0ffffff0f");
    System.arraycopy(length, 0, lie, 26, 5);
    System.arraycopy(frame, 27, lie, 31, frame.length - 27);
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> AuditEventCodec.decode(lie))
        .isInstanceOf(UnreadableEventException.class)
        .hasMessageContaining("2147483640 bytes");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000_000);
  }
}
