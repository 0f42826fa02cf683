package io.sworn.server.trail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwornTrailTest {

  private static final TrailEntry ENTRY = TrailEntry.tail("audit.events");

  @TempDir Path data;

  @Test
  void anEventIsOnDiskWithItsPlaceWhenAppendReturns() {
    AuditEvent first = SwornTrail.open(data).append(Actor.operator(), ENTRY);
    AuditEvent second = SwornTrail.open(data).append(Actor.system(), ENTRY);
    assertThat(first.trail()).matches("sworn/[0-9a-f]{8}").isEqualTo(second.trail());
    assertThat(first.sequence()).isEqualTo(1);
    assertThat(second.sequence()).isEqualTo(2);
    assertThat(second.previous()).isEqualTo(1);
    assertThat(first.kind()).isEqualTo(EventKind.SWORN);
    assertThat(first.users()).singleElement().matches(user -> user.db().equals("$os"));
    assertThat(second.remote()).matches(remote -> remote != null && remote.systemUser());
    SwornTrail again = SwornTrail.open(data);
    assertThat(again.lastSequence()).isEqualTo(2);
    assertThat(again.pending(10).values())
        .extracting(AuditEventCodec::decode)
        .containsExactly(first, second);
  }

  @Test
  void whatIsAcknowledgedIsForgottenButItsNumberIsNeverGivenAgain() {
    SwornTrail trail = SwornTrail.open(data);
    LongStream.rangeClosed(1, 5).forEach(i -> trail.append(Actor.system(), ENTRY));
    trail.sent(3);
    assertThat(trail.pending(10)).containsOnlyKeys(4L, 5L);
    assertThat(trail.pending(1)).containsOnlyKeys(4L);
    trail.sent(5);
    trail.sent(5); // an acknowledgement may come twice
    SwornTrail again = SwornTrail.open(data);
    assertThat(again.pending(10)).isEmpty();
    assertThat(again.lastSequence()).isEqualTo(5);
    assertThat(again.append(Actor.system(), ENTRY).sequence()).isEqualTo(6);
    assertThat(again.pending(10)).containsOnlyKeys(6L);
  }

  @Test
  void manyWritersGetNumbersWithoutHolesAndWithoutDoubles() throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(8);
    try {
      List<Future<Long>> numbers = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        numbers.add(
            writers.submit(() -> SwornTrail.open(data).append(Actor.operator(), ENTRY).sequence()));
      }
      List<Long> given = new ArrayList<>();
      for (Future<Long> number : numbers) {
        given.add(number.get());
      }
      assertThat(given)
          .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 80).boxed().toList());
    } finally {
      writers.shutdownNow();
    }
  }

  @Test
  void aTrailWithoutItsNameIsRefusedInsteadOfBeginningAnother() throws IOException {
    SwornTrail.open(data).append(Actor.system(), ENTRY);
    Files.delete(data.resolve("trail").resolve("id"));
    assertThatThrownBy(() -> SwornTrail.open(data))
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY))
        .hasMessageContaining("is missing beside events");
    Files.writeString(data.resolve("trail").resolve("id"), "nonsense");
    assertThatThrownBy(() -> SwornTrail.open(data))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("got 'nonsense', expected 8 hexadecimal digits");
  }

  @Test
  void whenTooManyEventsWaitNoMoreAreTaken() throws IOException {
    SwornTrail trail = SwornTrail.open(data);
    for (int i = 1; i <= SwornTrail.PENDING_MAX; i++) {
      Files.createFile(data.resolve("trail").resolve(String.format("%019d.event", i)));
    }
    assertThatThrownBy(() -> trail.append(Actor.system(), ENTRY))
        .isInstanceOfSatisfying(
            SwornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageContaining("wait for Kafka");
    assertThat(trail.lastSequence()).isEqualTo(SwornTrail.PENDING_MAX);
  }

  @Test
  void aHalfWrittenEventCountsAsNone() throws IOException {
    SwornTrail trail = SwornTrail.open(data);
    trail.append(Actor.system(), ENTRY);
    Files.write(data.resolve("trail").resolve("new"), new byte[] {1, 2, 3});
    assertThat(SwornTrail.open(data).append(Actor.system(), ENTRY).sequence()).isEqualTo(2);
  }
}
