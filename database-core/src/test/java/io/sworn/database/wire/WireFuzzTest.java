package io.sworn.database.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever arrives is either a message or refused as malformed; nothing else may happen. */
final class WireFuzzTest {

  private static final String COMMAND =
      "{insert: 'orders', documents: [{_id: 1, name: 'ü', nested: {a: [1, 2.5, null, true]}, bin:"
          + " {$binary: {base64: 'AAECAw==', subType: '04'}}, when: {$date: 1}}], $db: 'shop'}";

  @Property(tries = 2000)
  void randomBytesAreRefused(@ForAll @Size(min = 16, max = 400) byte[] bytes) {
    survives(Frames.frame(2013, bytes));
    survives(Frames.frame(2012, bytes));
    survives(Frames.frame(2004, bytes));
    survives(bytes);
  }

  @Property(tries = 4000)
  void mutatedFramesAreReadOrRefused(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int n) {
    byte[][] valid = {
      Frames.message(0, COMMAND),
      Frames.withChecksum(COMMAND),
      Frames.compressed(Frames.message(0, COMMAND), Frames.message(0, COMMAND).length - 16),
      Frames.query("admin.$cmd", "{isMaster: 1, client: {driver: {name: 'x'}}}")
    };
    Random random = new Random(seed);
    byte[] frame = valid[random.nextInt(valid.length)].clone();
    for (int i = 0; i < n; i++) {
      frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
    }
    survives(frame);
  }

  /** The stream may be cut anywhere, by the network or by the client. */
  @Property(tries = 500)
  void streamsOfMutatedFramesInAnyPiecesNeverHoldMoreThanAFrame(@ForAll long seed) {
    Random random = new Random(seed);
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(() -> WireLimits.STRANGER));
    byte[] stream = Frames.concat(Frames.message(0, COMMAND), Frames.withChecksum(COMMAND));
    stream = Frames.concat(stream, stream, stream);
    for (int i = random.nextInt(4); i > 0; i--) {
      stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
    }
    try {
      for (int at = 0; at < stream.length; ) {
        int size = Math.min(1 + random.nextInt(200), stream.length - at);
        channel.writeInbound(Unpooled.copiedBuffer(stream, at, size));
        at += size;
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
          assertThat(frame.readableBytes()).isLessThanOrEqualTo(1 << 16);
          survives(ByteBufUtil.getBytes(frame));
          frame.release();
        }
      }
    } catch (DecoderException impossibleLength) {
      assertThat(impossibleLength).hasCauseInstanceOf(MalformedMessageException.class);
      channel.releaseInbound(); // whole frames before it, in the same piece
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[1000]));
      assertThat(channel.<Object>readInbound()).as("nothing is read behind a fault").isNull();
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static void survives(byte[] frame) {
    try {
      Request request = MessageCodec.decode(frame, WireLimits.STRANGER);
      assertThat(request.body()).isNotEmpty();
    } catch (MalformedMessageException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
  }
}
