package io.sworn.database.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

final class MessageCodecTest {

  private static final String PING = "{ping: 1, $db: 'admin'}";

  @Test
  void readsBodyAndDocumentSequencesInAnyOrder() {
    byte[] sequence = Frames.sequence("documents", "{_id: 1}", "{_id: 2}");
    byte[] body = Frames.concat(new byte[] {0}, Frames.bson("{insert: 'c', $db: 'shop'}"));

    for (byte[] sections :
        new byte[][] {Frames.concat(body, sequence), Frames.concat(sequence, body)}) {
      Request request = decode(Frames.frame(2013, Frames.concat(Frames.int32(0), sections)));
      assertThat(request.command()).isEqualTo("insert");
      assertThat(request.db()).isEqualTo("shop");
      assertThat(request.id()).isEqualTo(7);
      assertThat(request.kind()).isEqualTo(Request.Kind.MESSAGE);
      assertThat(request.body().getArray("documents")).hasSize(2);
    }
  }

  @Test
  void rightChecksumPassesAndWrongOneIsRefused() {
    byte[] frame = Frames.withChecksum(PING);
    assertThat(decode(frame).command()).isEqualTo("ping");

    frame[22] ^= 1;
    assertThatThrownBy(() -> decode(frame)).hasMessageContaining("checksum");
  }

  @Test
  void moreToComeIsRecognised() {
    assertThat(decode(Frames.message(2, PING)).kind()).isEqualTo(Request.Kind.UNANSWERED);
  }

  @Test
  void exhaustAllowedIsIgnoredAndUnknownRequiredFlagsAreRefused() {
    assertThat(decode(Frames.message(1 << 16, PING)).command()).isEqualTo("ping");
    refused(Frames.message(8, PING), "flag bits");
  }

  @Test
  void inflatesExactlyWhatIsAnnounced() {
    byte[] message = Frames.message(0, PING);
    int size = message.length - 16;
    assertThat(decode(Frames.compressed(message, size)).kind()).isEqualTo(Request.Kind.COMPRESSED);
    refused(Frames.compressed(message, size + 1), "cut short");
    refused(Frames.compressed(message, size - 1), "longer than announced");
    refused(Frames.compressed(message, Integer.MAX_VALUE), "uncompressed size");
    refused(Frames.compressed(message, -5), "uncompressed size");
  }

  @Test
  void zipBombIsNotInflatedBeyondTheLimit() {
    byte[] big = Frames.frame(2013, new byte[40_000_000]);
    assertThatThrownBy(
            () -> MessageCodec.decode(Frames.compressed(big, 40_000_000), WireLimits.STRANGER))
        .hasMessageContaining("uncompressed size");
  }

  @Test
  void legacyQueryIsOnlyReadForHello() {
    Request hello = decode(Frames.query("admin.$cmd", "{isMaster: 1}"));
    assertThat(hello.kind()).isEqualTo(Request.Kind.LEGACY_HELLO);
    assertThat(hello.db()).isEqualTo("admin");

    refused(Frames.query("admin.$cmd", "{serverStatus: 1}"), "OP_QUERY");
    refused(Frames.query("shop.orders", "{isMaster: 1}"), "OP_QUERY");
    refused(Frames.query("admin.$cmd.sys.inprog", "{}"), "OP_QUERY");
  }

  @Test
  void whatIsNoMessageIsRefusedWithItsReason() {
    refused(Frames.frame(2013, new byte[0]), "cut short");
    refused(Frames.frame(2013, Frames.int32(0)), "without a command");
    refused(Frames.message(0, "{}"), "without a command");
    refused(Frames.message(0, "{ping: 1}"), "$db");
    refused(Frames.message(0, "{ping: 1, $db: ''}"), "database");
    refused(Frames.message(0, "{ping: 1, $db: 'a.b'}"), "database");
    refused(Frames.frame(2013, new byte[] {0, 0, 0, 0, 9}), "unknown kind");
    refused(Frames.frame(2010, new byte[20]), "operation 2010");
    refused(Frames.frame(2012, new byte[3]), "compressed message");
    byte[] body = Frames.concat(new byte[] {0}, Frames.bson(PING));
    refused(Frames.frame(2013, Frames.concat(Frames.int32(0), body, body)), "two bodies");
    byte[] twice =
        Frames.concat(
            new byte[] {0},
            Frames.bson("{insert: 'c', documents: [], $db: 'd'}"),
            Frames.sequence("documents", "{}"));
    refused(Frames.frame(2013, Frames.concat(Frames.int32(0), twice)), "repeats");
  }

  @Test
  void repliesComeInTheKindOfTheRequest() {
    byte[] reply = MessageCodec.bytes(new BsonDocument());
    for (Request.Kind kind : Request.Kind.values()) {
      Request request = new Request(42, "admin", BsonDocument.parse(PING), kind);
      var frame =
          MessageCodec.encode(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT, request, reply);
      assertThat(frame.getIntLE(0)).as("length of %s", kind).isEqualTo(frame.readableBytes());
      assertThat(frame.getIntLE(8)).as("response to").isEqualTo(42);
      int operation =
          switch (kind) {
            case LEGACY_HELLO -> 1;
            case COMPRESSED -> 2012;
            case MESSAGE, UNANSWERED -> 2013;
          };
      assertThat(frame.getIntLE(12)).isEqualTo(operation);
      frame.release();
    }
  }

  private static Request decode(byte[] frame) {
    return MessageCodec.decode(frame, WireLimits.KNOWN);
  }

  private static void refused(byte[] frame, String reason) {
    assertThatThrownBy(() -> decode(frame))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(reason);
  }
}
