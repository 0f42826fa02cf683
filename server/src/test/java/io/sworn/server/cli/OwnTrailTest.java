package io.sworn.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEventCodec;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.trail.TrailEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on record of changes that happen, are refused, or fail. */
class OwnTrailTest {

  private static final TrailEntry ENTRY = TrailEntry.filterDisable("logins", "noise");

  @TempDir Path directory;
  private SwornConfig config;

  @BeforeEach
  void configure() {
    config = SwornConfig.defaults(directory);
  }

  @Test
  void aChangeIsOnRecordBeforeItHappens() throws IOException {
    List<String> before =
        OwnTrail.changing(
            config,
            ENTRY,
            record -> {
              record.run();
              return recorded();
            });
    assertThat(before).containsExactly("filterDisable 0");
    assertThat(recorded()).containsExactly("filterDisable 0");
  }

  @Test
  void whatIsRefusedIsOnRecordAsRefusedOnly() throws IOException {
    assertThatThrownBy(() -> changing(ErrorCode.INPUT, false)).hasMessage("because");
    assertThat(recorded()).containsExactly("filterDisable 2");
  }

  @Test
  void whatFailsOnceBegunIsOnRecordAsFailedToo() throws IOException {
    assertThatThrownBy(() -> changing(ErrorCode.STORAGE, true)).hasMessage("because");
    assertThat(recorded()).containsExactly("filterDisable 0", "filterDisable 1");
  }

  @Test
  void whatFailsBeforeItBeginsIsNoSuccess() throws IOException {
    assertThatThrownBy(() -> changing(ErrorCode.STORAGE, false)).hasMessage("because");
    assertThat(recorded()).containsExactly("filterDisable 1");
  }

  @Test
  void nothingHappensThatTheTrailDoesNotTake() throws IOException {
    OwnTrail.record(config, ENTRY);
    Files.delete(directory.resolve("trail").resolve("id")); // the trail refuses itself from here on
    List<String> changed = new ArrayList<>();
    assertThatThrownBy(
            () ->
                OwnTrail.changing(
                    config,
                    ENTRY,
                    record -> {
                      record.run();
                      return changed.add("changed");
                    }))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("is missing beside events");
    assertThat(changed).isEmpty();
    assertThat(recorded()).containsExactly("filterDisable 0");
  }

  private void changing(ErrorCode code, boolean begun) {
    OwnTrail.changing(
        config,
        ENTRY,
        record -> {
          if (begun) {
            record.run();
          }
          throw new SwornException(code, "because");
        });
  }

  /** Type and result of each event, in order. */
  private List<String> recorded() {
    try (Stream<Path> files = Files.list(directory.resolve("trail"))) {
      List<String> events = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".event")).sorted().toList()) {
        var event = AuditEventCodec.decode(Files.readAllBytes(file));
        events.add(event.type() + " " + event.result());
      }
      return events;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
