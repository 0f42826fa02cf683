package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HitCodecTest {

  private static final HitCodec.Mark MARK = new HitCodec.Mark(3, 1_772_438_400_000_000L, 7);

  @Test
  void markComesBackAsItWasWritten() {
    assertThat(HitCodec.decode(HitCodec.encode(MARK))).isEqualTo(MARK);
  }

  @Test
  void markFromBeforeRulesHadGenerationsIsOfTheFirstOne() {
    byte[] old =
        ByteBuffer.allocate(1 + Integer.BYTES + Long.BYTES)
            .put((byte) 2)
            .putInt(MARK.partition())
            .putLong(MARK.time())
            .array();
    assertThat(HitCodec.decode(old)).isEqualTo(new HitCodec.Mark(MARK.partition(), MARK.time(), 0));
  }

  @Test
  void markThatIsCutIsRefused() {
    byte[] bytes = HitCodec.encode(MARK);
    assertThatThrownBy(() -> HitCodec.decode(Arrays.copyOf(bytes, bytes.length - 1)))
        .isInstanceOf(SwornException.class);
  }
}
