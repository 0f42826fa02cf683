package io.sworn.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BalanceTest {

  @Test
  void equalSumsAreBalanced() {
    assertThat(Balance.of(flow(5, 5, 0, new DestinationFlow("r", 3, 2, 1, 0))).state())
        .isEqualTo(Balance.State.BALANCED);
  }

  @Test
  void eventsOnTheirWayAreMoving() {
    Balance balance = Balance.of(flow(5, 4, 0, new DestinationFlow("r", 3, 1, 0, 2)));
    assertThat(balance.state()).isEqualTo(Balance.State.MOVING);
    assertThat(balance.reasons())
        .containsExactly("1 event on the way to the archive.", "2 events on the way to siem.");
  }

  @Test
  void missingEventsAreAnIncident() {
    Balance balance = Balance.of(flow(5, 6, 1, new DestinationFlow("r", 3, 1, 0, 0)));
    assertThat(balance.state()).isEqualTo(Balance.State.BROKEN);
    assertThat(balance.reasons()).hasSize(3);
  }

  @Test
  void deletedBeforeItWasDeliveredIsAnIncident() {
    Balance balance = Balance.of(flow(5, 5, 0, new DestinationFlow("r", 3, 3, 0, 0, 7, 12, 3)));
    assertThat(balance.state()).isEqualTo(Balance.State.BROKEN);
    assertThat(balance.reasons())
        .containsExactly(
            "siem: up to 4 events deleted from Kafka before they were delivered.",
            "siem: up to 3 events deleted from Kafka before they were delivered; acknowledged.");
    Balance dealtWith = Balance.of(flow(5, 5, 0, new DestinationFlow("r", 3, 3, 0, 0, 7, 12, 7)));
    assertThat(dealtWith.state()).isEqualTo(Balance.State.BALANCED);
    assertThat(dealtWith.reasons())
        .containsExactly(
            "siem: up to 7 events deleted from Kafka before they were delivered; acknowledged.");
    Balance moving = Balance.of(flow(5, 4, 0, new DestinationFlow("r", 3, 3, 0, 0, 7, 12, 7)));
    assertThat(moving.state()).isEqualTo(Balance.State.MOVING);
    assertThat(moving.headline()).startsWith("What is lost is acknowledged;");
    assertThat(moving.reasons())
        .containsExactly("1 event on the way to the archive.", dealtWith.reasons().get(0));
  }

  @Test
  void eventsThatNoFilterHasJudgedAreMoving() {
    TreeMap<String, DestinationFlow> all =
        new TreeMap<>(Map.of("siem", new DestinationFlow("r", 3, 3, 0, 0)));
    Balance balance = Balance.of(new FlowSnapshot(5, 5, 3, 0, 0, 0, all, 0));
    assertThat(balance.state()).isEqualTo(Balance.State.MOVING);
    assertThat(balance.reasons()).containsExactly("2 events on the way to the filters.");
    assertThat(Balance.of(new FlowSnapshot(5, 5, 6, 0, 0, 0, all, 0)).state())
        .isEqualTo(Balance.State.BROKEN);
  }

  @Test
  void anArchiveThatRunsElsewhereIsNotMissed() {
    TreeMap<String, DestinationFlow> all =
        new TreeMap<>(Map.of("siem", new DestinationFlow("r", 3, 3, 0, 0)));
    FlowSnapshot flow =
        new FlowSnapshot(5, 0, 5, 0, 0, 0, all, 0, Set.of(FlowSnapshot.End.ARCHIVED));
    assertThat(Balance.of(flow).state()).isEqualTo(Balance.State.BALANCED);
  }

  private static FlowSnapshot flow(
      long emitted, long archived, long gaps, DestinationFlow destination) {
    return new FlowSnapshot(
        emitted, archived, emitted, 0, gaps, 0, new TreeMap<>(Map.of("siem", destination)), 0);
  }
}
