package io.sworn.database.auditing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.database.storage.HeldRecord;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.Endpoint;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditJournalTest {

  private static final byte[] KEY = new byte[32];
  private static final long MEBI = 1 << 20;

  @TempDir Path directory;

  static AuditDraft draft(String ns) {
    return new AuditDraft(
        "dropCollection",
        Instant.EPOCH,
        new UUID(1, 2),
        Endpoint.tcp("127.0.0.1", 1),
        Endpoint.tcp("127.0.0.1", 2),
        List.of(),
        List.of(),
        new BsonDocument("ns", new BsonString(ns)),
        0,
        null);
  }

  private static List<Long> sequences(AuditJournal journal, long from) {
    List<Long> found = new ArrayList<>();
    long next = from;
    for (List<byte[]> page = journal.read(next); !page.isEmpty(); page = journal.read(next)) {
      page.forEach(event -> found.add(AuditEventCodec.decode(event).sequence()));
      next += page.size();
    }
    return found;
  }

  @Test
  void whatWasSyncedIsThereAfterReopeningInTheSameTrail() {
    String trail;
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      trail = journal.trail();
      journal.append(draft("a.b"));
      journal.append(draft("a.c"));
      journal.sync(2);
    }
    for (int i = 0; i < 3; i++) {
      try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
        assertThat(journal.trail()).isEqualTo(trail).matches("db/[0-9a-f]{8}");
        assertThat(journal.lastSequence()).isEqualTo(2);
        assertThat(sequences(journal, 1)).containsExactly(1L, 2L);
      }
    }
  }

  @Test
  void sequencesGoOnAfterEverythingWasShippedAndLeft() {
    String trail;
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      trail = journal.trail();
      journal.sync(journal.append(draft("a.b")));
      journal.shipped(1);
    }
    for (int i = 0; i < 3; i++) {
      try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
        assertThat(journal.trail()).isEqualTo(trail);
        assertThat(journal.lastSequence()).isEqualTo(1);
        assertThat(journal.shippedSequence()).isEqualTo(1);
      }
    }
  }

  @Test
  void tornTailAtEveryByteOfTheLastFrameIsSetAsideAndTheRestKept() throws IOException {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      journal.append(draft("a.b"));
      journal.sync(journal.append(draft("a.c")));
    }
    Path segment = directory.resolve(JournalSegment.fileName(1));
    byte[] whole = Files.readAllBytes(segment);
    int second = whole.length - (whole.length - JournalSegment.HEADER_BYTES) / 2;
    for (int end = second + 1; end < whole.length; end++) {
      Path copy = directory.resolve("torn" + end);
      Files.createDirectories(copy);
      Files.copy(directory.resolve("trail"), copy.resolve("trail"));
      Files.write(
          copy.resolve(segment.getFileName().toString()), java.util.Arrays.copyOf(whole, end));
      try (AuditJournal journal = AuditJournal.open(copy, "db", KEY, MEBI, List.of())) {
        assertThat(journal.lastSequence()).as("cut at %s", end).isEqualTo(1);
        journal.sync(journal.append(draft("again")));
        assertThat(sequences(journal, 1)).containsExactly(1L, 2L);
      }
      try (Stream<Path> files = Files.list(copy)) {
        assertThat(files.filter(f -> f.toString().endsWith(".torn"))).hasSize(1);
      }
    }
  }

  @Test
  void damagedMiddleIsRefusedWithItsPlace() throws IOException {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      journal.append(draft("a.b"));
      journal.append(draft("a.c"));
      journal.sync(2);
    }
    Path segment = directory.resolve(JournalSegment.fileName(1));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[JournalSegment.HEADER_BYTES + 30] ^= 1;
    Files.write(segment, bytes);
    assertThatThrownBy(() -> AuditJournal.open(directory, "db", KEY, MEBI, List.of()))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("damaged at byte " + JournalSegment.HEADER_BYTES)
        .hasMessageContaining("event 1");
  }

  /** Three events that a commit made durable, of which the segment may have lost any bytes. */
  private List<HeldRecord> threeHeld() {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      journal.sync(journal.append(draft("a.0")));
      for (int i = 1; i <= 3; i++) {
        journal.append(draft("a." + i));
      }
      List<HeldRecord> held = journal.pending();
      assertThat(held).extracting(HeldRecord::sequence).containsExactly(2L, 3L, 4L);
      journal.durable(4);
      journal.sync(4); // is durable already: costs no fsync
      assertThat(journal.releasable()).isEqualTo(1);
      assertThat(sequences(journal, 1)).containsExactly(1L);
      journal.tidy();
      assertThat(sequences(journal, 1)).containsExactly(1L, 2L, 3L, 4L);
      return held;
    }
  }

  @Test
  void whatACommitTookAlongIsAppendedAgainWhateverTheSegmentLost() throws IOException {
    List<HeldRecord> held = threeHeld();
    Path segment = directory.resolve(JournalSegment.fileName(1));
    byte[] whole = Files.readAllBytes(segment);
    int frame = (whole.length - JournalSegment.HEADER_BYTES) / 4;
    int unforced = JournalSegment.HEADER_BYTES + frame;
    for (int damaged = unforced; damaged < whole.length; damaged += 7) {
      byte[] bytes = whole.clone();
      bytes[damaged] ^= 1; // a page that never reached the disk, with later ones that did
      Path copy = Files.createDirectories(directory.resolve("lost" + damaged));
      Files.copy(directory.resolve("trail"), copy.resolve("trail"));
      Files.write(copy.resolve(segment.getFileName().toString()), bytes);
      try (AuditJournal journal = AuditJournal.open(copy, "db", KEY, MEBI, held)) {
        assertThat(journal.lastSequence()).isEqualTo(4);
        journal.tidy();
        assertThat(sequences(journal, 1)).as("byte %s", damaged).containsExactly(1L, 2L, 3L, 4L);
      }
    }
  }

  @Test
  void damageThatNoCommitExplainsIsRefused() throws IOException {
    List<HeldRecord> held = threeHeld();
    Path segment = directory.resolve(JournalSegment.fileName(1));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[JournalSegment.HEADER_BYTES + 30] ^= 1;
    Files.write(segment, bytes);
    assertThatThrownBy(() -> AuditJournal.open(directory, "db", KEY, MEBI, held))
        .hasMessageContaining("damaged at byte " + JournalSegment.HEADER_BYTES);
    Files.write(segment, java.util.Arrays.copyOf(bytes, JournalSegment.HEADER_BYTES));
    assertThatThrownBy(() -> AuditJournal.open(directory, "db", KEY, MEBI, held))
        .hasMessageContaining("ends at event 0")
        .hasMessageContaining("the store goes on with 2");
  }

  @Test
  void whatIsNotDurableIsNeverRead() {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      journal.append(draft("a.1"));
      journal.tidy();
      assertThat(journal.read(1)).isEmpty();
      journal.sync(1);
      assertThat(journal.read(1)).hasSize(1);
    }
  }

  @Test
  void fullJournalRefusesAndTakesEventsAgainOnceShipped() {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, 64 * 1024, List.of())) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  journal.sync(journal.append(draft("a.b" + i)));
                }
              })
          .isInstanceOf(JournalFullException.class);
      journal.shipped(journal.lastSequence());
      assertThat(journal.append(draft("a.c"))).isEqualTo(journal.lastSequence());
    }
  }

  @Test
  void nothingOfAnEventIsReadableOnDisk() throws IOException {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      journal.sync(journal.append(draft("secretdatabase.secretcollection")));
    }
    byte[] bytes = Files.readAllBytes(directory.resolve(JournalSegment.fileName(1)));
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
  }

  @Test
  void anEventTooLongForKafkaTravelsWithShortenedParameters() {
    AuditDraft draft = draft("a.b");
    draft.param().put("args", new BsonBinary(new byte[2_000_000]));
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, 64 * MEBI, List.of())) {
      journal.sync(journal.append(draft));
      byte[] event = journal.read(1).get(0);
      assertThat(event.length).isLessThan(AuditJournal.EVENT_BYTES_MAX);
      BsonDocument param = AuditEventCodec.decode(event).param().toDocument();
      assertThat(param.getString("ns").getValue()).isEqualTo("a.b");
      assertThat(param.getDocument("args").getInt32("shortenedBytes").getValue())
          .isGreaterThan(2_000_000);
    }
  }

  @Test
  void aJournalInUseIsNotOpenedTwice() {
    try (AuditJournal journal = AuditJournal.open(directory, "db", KEY, MEBI, List.of())) {
      assertThat(journal.lastSequence()).isZero();
      assertThatThrownBy(() -> AuditJournal.open(directory, "db", KEY, MEBI, List.of()))
          .hasMessageContaining("in use");
    }
  }
}
