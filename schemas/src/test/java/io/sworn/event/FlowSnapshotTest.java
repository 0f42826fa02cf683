package io.sworn.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.event.FlowSnapshot.End;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FlowSnapshotTest {

  @Test
  void onlyWhatIsCountedHereIsCompared() {
    assertThat(flow(5, 5, 5).settled()).isTrue();
    assertThat(flow(5, 4, 5).settled()).isFalse();
    assertThat(flow(6, 5, 5).settled()).isFalse();
    assertThat(flow(5, 5, 4).settled()).isFalse();

    assertThat(flow(1, 5, 5, End.EMITTED).settled()).as("the archive alone").isTrue();
    assertThat(flow(1, 4, 5, End.EMITTED).settled()).isFalse();
    assertThat(flow(5, 0, 5, End.ARCHIVED).settled()).as("the database alone").isTrue();
    assertThat(flow(5, 0, 4, End.ARCHIVED).settled()).isFalse();
    assertThat(flow(1, 0, 5, End.EMITTED, End.ARCHIVED).settled()).as("exporters").isTrue();
  }

  @Test
  void gapsAndWhatIsInFlightAreAlwaysCounted() {
    TreeMap<String, DestinationFlow> siem = new TreeMap<>();
    siem.put("siem", new DestinationFlow("siem", 5, 4, 0, 1));
    Set<End> nothing = Set.of(End.EMITTED, End.ARCHIVED);
    assertThat(new FlowSnapshot(1, 0, 5, 0, 0, 0, siem, 0, nothing).settled()).isFalse();
    assertThat(new FlowSnapshot(1, 0, 5, 0, 1, 0, new TreeMap<>(), 0, nothing).settled()).isFalse();
  }

  @Test
  void whatAnEarlierVersionWroteCountsEverything() {
    FlowSnapshot flow = flow(5, 0, 5, End.ARCHIVED);
    assertThat(SwornJson.read(SwornJson.write(flow), FlowSnapshot.class)).isEqualTo(flow);
    String text = new String(SwornJson.write(flow), StandardCharsets.UTF_8);
    String earlier = text.replace(",\"uncounted\":[\"ARCHIVED\"]", "");
    assertThat(earlier).isNotEqualTo(text);
    assertThat(
            SwornJson.read(earlier.getBytes(StandardCharsets.UTF_8), FlowSnapshot.class)
                .counts(End.ARCHIVED))
        .isTrue();
  }

  private static FlowSnapshot flow(long emitted, long archived, long judged, End... uncounted) {
    return new FlowSnapshot(
        emitted, archived, judged, 0, 0, 0, new TreeMap<>(), 0, Set.of(uncounted));
  }
}
