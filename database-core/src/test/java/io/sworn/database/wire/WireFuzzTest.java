package io.sworn.database.wire;

import static org.assertj.core.api.Assertions.assertThat;

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

  private static void survives(byte[] frame) {
    try {
      Request request = MessageCodec.decode(frame, WireLimits.STRANGER);
      assertThat(request.body()).isNotEmpty();
    } catch (MalformedMessageException expected) {
      assertThat(expected.getMessage()).isNotBlank();
    }
  }
}
