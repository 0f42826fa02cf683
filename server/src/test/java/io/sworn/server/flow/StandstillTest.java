package io.sworn.server.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StandstillTest {

  private long seconds;
  private final Standstill standstill =
      new Standstill(Duration.ofSeconds(60), () -> Duration.ofSeconds(seconds).toNanos());

  @Test
  void onlyWhatDoesNothingForTooLongThoughEventsWaitIsTold() {
    assertThat(look(10, 10, 4, 3)).isEmpty();
    seconds = 59;
    assertThat(look(20, 20, 4, 3)).isEmpty();
    seconds = 60;
    assertThat(look(30, 30, 4, 4))
        .singleElement()
        .asString()
        .contains("the filter engine has done nothing for 60 s while 26 events wait");
    seconds = 61;
    assertThat(look(30, 30, 5, 4)).as("it moves again").isEmpty();
    seconds = 130;
    assertThat(look(31, 30, 31, 4))
        .as("the archive did nothing for 70 s, but nothing waited until now")
        .singleElement()
        .asString()
        .contains("destination siem has done nothing for 70 s while 1 events wait");
  }

  @Test
  void whatRunsElsewhereIsNotLookedAt() {
    FlowSnapshot flow = flow(9, 0, 0, 0);
    assertThat(standstill.look(flow, false, false, Set.of())).isEmpty();
    seconds = 3600;
    assertThat(standstill.look(flow, false, false, Set.of())).isEmpty();
    assertThat(standstill.look(flow, true, true, Set.of("siem", "not yet counted"))).isEmpty();
    seconds = 3660;
    assertThat(standstill.look(flow, true, true, Set.of("siem"))).hasSize(3);
  }

  private List<String> look(long emitted, long archived, long judged, long delivered) {
    return standstill.look(flow(emitted, archived, judged, delivered), true, true, Set.of("siem"));
  }

  private static FlowSnapshot flow(long emitted, long archived, long judged, long delivered) {
    TreeMap<String, DestinationFlow> destinations = new TreeMap<>();
    destinations.put("siem", new DestinationFlow("siem", 5, delivered, 0, 5 - delivered));
    return new FlowSnapshot(emitted, archived, judged, 0, 0, 0, destinations, 0);
  }
}
