package io.sworn.server.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.server.flow.Standstill.Work;
import java.time.Duration;
import java.util.List;
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
  void eachPartIsToldWithItsRemedy() {
    List<Work> parts =
        List.of(
            Work.filters(0, 9),
            Work.archive(0, 9),
            Work.destination("siem", new DestinationFlow("siem", 5, 0, 0, 5)));
    assertThat(standstill.look(parts)).isEmpty();
    seconds = 60;
    assertThat(standstill.look(parts))
        .satisfiesExactly(
            filters -> assertThat(filters).startsWith("the filter engine").contains("transaction"),
            archive -> assertThat(archive).startsWith("the archive").contains("full disk"),
            siem -> assertThat(siem).startsWith("destination siem").contains("5 events wait"));
  }

  private List<String> look(long emitted, long archived, long judged, long delivered) {
    return standstill.look(
        List.of(
            Work.filters(judged, emitted - judged),
            Work.archive(archived, emitted - archived),
            Work.destination("siem", new DestinationFlow("siem", 5, delivered, 0, 5 - delivered))));
  }
}
