package io.sworn.filter.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.ClientHeader;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.FilterSet;
import io.sworn.filter.redact.RouteRedactions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the store of the real topology. */
class SessionBookTest {

  private static final long BEGIN = 1_772_000_000_000L;

  private TopologyTestDriver driver;
  private KeyValueStore<byte[], byte[]> store;

  @BeforeEach
  @BeforeTry
  void start() {
    Properties settings = new Properties();
    settings.put("application.id", "test");
    settings.put("bootstrap.servers", "unused:1");
    driver =
        new TopologyTestDriver(
            FilterTopology.build(Topics.standard(), () -> FilterSet.EMPTY, RouteRedactions.NONE),
            settings);
    driver.advanceWallClockTime(Duration.ofSeconds(1)); // what is put needs the time of something
    store = SessionBookTest.<byte[]>stored(driver.getStateStore(SessionBook.STORE));
  }

  @SuppressWarnings("unchecked") // as the topology builds it
  private static <K> KeyValueStore<K, byte[]> stored(Object store) {
    return ((WriteBehindStore<K>) store).contents();
  }

  @AfterEach
  @AfterTry
  void stop() {
    driver.close();
  }

  @Property(tries = 60)
  void nothingIsLostOrComesBackAcrossRestarts(
      @ForAll @Size(max = 400) List<@IntRange(max = 59) Integer> steps,
      @ForAll @IntRange(min = 1, max = 60) int commitEvery,
      @ForAll @IntRange(min = 1, max = 5) int restartEvery) {
    Map<Integer, String> expected = new HashMap<>();
    SessionBook book = new SessionBook(store);
    for (int i = 0; i < steps.size(); i++) {
      int connection = steps.get(i) / 3;
      String mechanism = steps.get(i) % 3 == 0 ? null : "M" + steps.get(i) % 3;
      book.authenticated("db/" + connection % 2, 7, connection, mechanism, BEGIN + i);
      if (mechanism == null) {
        expected.remove(connection);
      } else {
        expected.put(connection, mechanism);
      }
      if (i % commitEvery == 0) {
        book.write();
        if (i / commitEvery % restartEvery == 0) {
          book = new SessionBook(store);
        }
      }
    }
    book.write();
    SessionBook restored = new SessionBook(store);
    assertThat(restored.size()).isEqualTo(expected.size());
    for (int connection = 0; connection < 20; connection++) {
      Session found = restored.find("db/" + connection % 2, 7, connection, BEGIN);
      assertThat(found == null ? null : found.client.mechanism())
          .isEqualTo(expected.get(connection));
    }
  }

  @Test
  void whatWasNotCommittedIsUnknownAfterARestart() {
    SessionBook book = new SessionBook(store);
    book.authenticated("db/1", 0, 1, "PLAIN", BEGIN);
    book.write();
    book.authenticated("db/1", 0, 2, "PLAIN", BEGIN);
    assertThat(new SessionBook(store).size()).isEqualTo(1);
  }

  @Test
  void connectionsOfWhichNothingComesAreForgotten() {
    SessionBook book = new SessionBook(store);
    for (int i = 1; i <= 3; i++) {
      book.named(metadata(new UUID(0, i)), BEGIN);
    }
    book.write();
    // The second one works on, so it stays.
    for (int day = 1; day <= 8; day++) {
      assertThat(book.find("db/1", 0, 2, BEGIN + Duration.ofDays(day).toMillis())).isNotNull();
      book.write();
      book = new SessionBook(store);
    }
    book.forgetOld();
    book.write();
    SessionBook restored = new SessionBook(store);
    assertThat(restored.size()).isEqualTo(1);
    assertThat(restored.find("db/1", 0, 2, BEGIN).client)
        .isEqualTo(new Client("orders", null, null, null));
    assertThat(restored.find("db/2", 0, 2, BEGIN)).isNull();
  }

  @Test
  void tooManyForgetTheOldestAndTheStoreStaysBounded() {
    SessionBook book = new SessionBook(store);
    int all = 4 * SessionBook.ENTRIES_MAX;
    for (int i = 0; i < all; i++) {
      book.authenticated("db/1", 1, i, "SCRAM-SHA-256", BEGIN + i);
      book.find("db/1", 1, 0, BEGIN + i); // at work all the time
      if (i % 400 == 0) {
        book.write();
      }
    }
    book.write();
    SessionBook restored = new SessionBook(store);
    assertThat(restored.size()).isEqualTo(SessionBook.ENTRIES_MAX);
    assertThat(restored.find("db/1", 1, 0, BEGIN)).isNotNull();
    assertThat(restored.find("db/1", 1, all - SessionBook.ENTRIES_MAX, BEGIN)).isNull();
    assertThat(restored.find("db/1", 1, all - SessionBook.ENTRIES_MAX + 1, BEGIN)).isNotNull();
    // An entry of this test has at most 44 bytes, and its end one more of 17.
    assertThat(contents().values().stream().mapToLong(bytes -> bytes.length).sum())
        .isLessThan(
            44L
                * (SessionLog.ENTRIES_FREE
                    + (SessionLog.ENTRIES_PER_LIVE + 1) * (long) SessionBook.ENTRIES_MAX));
  }

  @Test
  void manyAtOnceAreDividedIntoBlocksThatFitIntoARecord() {
    SessionBook book = new SessionBook(store);
    for (int i = 0; i < 20_000; i++) {
      book.authenticated("db/" + i % 3, 1, i, "SCRAM-SHA-256", BEGIN);
    }
    book.write();
    for (int i = 0; i < 20_000; i++) {
      book.authenticated("db/" + i % 3, 1, i, i == 0 ? "PLAIN" : null, BEGIN);
    }
    book.write();
    assertThat(contents().values())
        .hasSizeGreaterThan(1)
        .allMatch(bytes -> bytes.length < 2 * SessionLog.BLOCK_BYTES_MAX);
    assertThat(new SessionBook(store).size()).isEqualTo(1);
  }

  @Test
  void formBeforeBlocksIsReadAndWrittenAnewOnce() {
    Client client = new Client("orders", "mongo-java-driver", "5.2.1", "SCRAM-SHA-256");
    byte[] told = ClientHeader.write(client);
    byte[] key =
        (HexFormat.of().toHexDigits(3L) + HexFormat.of().toHexDigits(4L) + "/db/1")
            .getBytes(StandardCharsets.UTF_8);
    store.put(key, ByteBuffer.allocate(Long.BYTES + told.length).putLong(BEGIN).put(told).array());
    SessionBook book = new SessionBook(store);
    assertThat(book.find("db/1", 3, 4, BEGIN).client).isEqualTo(client);
    book.write();
    assertThat(contents()).hasSize(1).allSatisfy((k, v) -> assertThat(k).hasSize(16)); // hex
    assertThat(new SessionBook(store).find("db/1", 3, 4, BEGIN).client).isEqualTo(client);
  }

  @Test
  void damageIsAnErrorThatNamesThePlace() {
    SessionBook book = new SessionBook(store);
    book.authenticated("db/1", 0, 1, "PLAIN", BEGIN);
    book.write();
    byte[] key = HexFormat.of().parseHex(contents().keySet().iterator().next());
    byte[] whole = store.get(key);
    for (int length = 0; length < whole.length; length++) {
      store.put(key, Arrays.copyOf(whole, length));
      if (length == 1) {
        continue; // a block of nothing
      }
      assertThatThrownBy(() -> new SessionBook(store))
          .isInstanceOf(SwornException.class)
          .hasMessageContaining("block 0 of connections is damaged");
    }
    whole[0] = 9;
    store.put(key, whole);
    assertThatThrownBy(() -> new SessionBook(store))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("has form 9, known is 1");
    store.delete(key);
    store.put("nothing".getBytes(StandardCharsets.UTF_8), whole);
    assertThatThrownBy(() -> new SessionBook(store))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("connection 'nothing' is damaged");
  }

  private Map<String, byte[]> contents() {
    Map<String, byte[]> all = new HashMap<>();
    try (KeyValueIterator<byte[], byte[]> entries = store.all()) {
      List<KeyValue<byte[], byte[]>> list = new ArrayList<>();
      entries.forEachRemaining(list::add);
      list.forEach(entry -> all.put(HexFormat.of().formatHex(entry.key), entry.value));
    }
    return all;
  }

  private static AuditEvent metadata(UUID session) {
    return AuditEvent.builder(SourcePosition.at("db/1", 1), EventKind.MONGODB, "clientMetadata")
        .session(session)
        .param(
            BsonBytes.of(
                new BsonDocument(
                    "clientMetadata",
                    new BsonDocument(
                        "application", new BsonDocument("name", new BsonString("orders"))))))
        .build();
  }
}
