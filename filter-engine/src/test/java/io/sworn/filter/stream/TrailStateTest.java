package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.MinuteAccount;
import io.sworn.event.SwornException;
import io.sworn.event.TrailAccount;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TrailStateTest {

  @Property
  void sequencesAreNewOnceInAnyOrderAndAcrossRestarts(
      @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 60) Integer> sequences,
      @ForAll @IntRange(min = 1, max = 20) int restartEvery) {
    TrailState state = new TrailState("db/1");
    state.countIn(new MinuteCounts(7));
    Set<Integer> seen = new HashSet<>();
    int highest = 0;
    for (int i = 0; i < sequences.size(); i++) {
      int sequence = sequences.get(i);
      assertThat(state.accept(sequence, sequence - 1L)).isEqualTo(seen.add(sequence));
      state.judged(sequence % 2 == 0 ? List.of("siem", "über") : List.of(), sequence % 7 == 0);
      highest = Math.max(highest, sequence);
      if (i % restartEvery == 0) {
        state = TrailState.fromBytes("db/1", state.toBytes());
      }
    }
    TrailAccount account = state.account(5);
    assertThat(account.received()).isEqualTo(sequences.size());
    assertThat(account.duplicates()).isEqualTo(sequences.size() - seen.size());
    assertThat(account.gaps()).isEqualTo(highest - seen.size());
    assertThat(account.lastSequence()).isEqualTo(highest);
    assertThat(account.kept() + account.notKept()).isEqualTo(sequences.size());
    assertThat(account.routes().values()).allMatch(count -> count == account.kept());
    MinuteAccount minute = Objects.requireNonNull(state.minute()).account("db/1", 5);
    assertThat(minute.minute()).isEqualTo("1970-01-01T00:07:00Z");
    assertThat(minute.received()).isEqualTo(account.received());
    assertThat(minute.duplicates()).isEqualTo(account.duplicates());
    assertThat(minute.gaps() - minute.filled()).isEqualTo(account.gaps());
    assertThat(minute.routes()).isEqualTo(account.routes());
    assertThat(account).isEqualTo(TrailState.fromBytes("db/1", state.toBytes()).account(5));
  }

  @Test
  void tooManyGapsBecomeOneAndALateEventIsStillNew() {
    TrailState state = new TrailState("db/1");
    for (int sequence = 2; sequence <= 2 * (TrailState.GAPS_MAX + 10); sequence += 2) {
      assertThat(state.accept(sequence, sequence - 1L)).isTrue();
    }
    assertThat(state.accept(1, 0)).isTrue();
    assertThat(state.toBytes().length).isLessThan(17 * 1024);
  }

  @Test
  void damagedStateIsRefusedWithItsTrail() {
    byte[] bytes = new TrailState("db/1").toBytes();
    assertThatThrownBy(() -> TrailState.fromBytes("db/1", Arrays.copyOf(bytes, bytes.length - 1)))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("db/1");
    bytes[0] = '{';
    assertThatThrownBy(() -> TrailState.fromBytes("db/1", bytes))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("form 123");
  }
}
