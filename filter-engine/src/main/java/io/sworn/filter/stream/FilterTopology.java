package io.sworn.filter.stream;

import io.sworn.event.Topics;
import io.sworn.filter.redact.RouteRedactions;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Events in; copies for the routes, accounts and dead letters out. State is held in memory with a
 * changelog: a few hundred bytes for each trail, and no native library.
 */
public final class FilterTopology {

  /** Names of the stores, each with a changelog. */
  static final List<String> STORES =
      List.of(TrailBook.STORE, FilterLedger.STORE, MinuteBook.STORE, SessionBook.STORE);

  private FilterTopology() {}

  /** The topology; {@code filters} is asked at every event, each route gets what it may see. */
  public static Topology build(Topics topics, FilterSource filters, RouteRedactions redactions) {
    return new Topology()
        .addSource(
            "events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics.events())
        .addProcessor("judge", () -> new JudgeProcessor(topics, filters, redactions), "events")
        .addStateStore(WriteBehindStore.builder(TrailBook.STORE, Serdes.String()), "judge")
        .addStateStore(WriteBehindStore.builder(FilterLedger.STORE, Serdes.String()), "judge")
        .addStateStore(cached(MinuteBook.STORE), "judge")
        .addStateStore(WriteBehindStore.builder(SessionBook.STORE, Serdes.ByteArray()), "judge")
        .addSink(
            "out",
            (key, value, context) -> value.topic(),
            new ByteArraySerializer(),
            (String topic, Outgoing value) -> value.bytes(),
            "judge");
  }

  /** Cached: the changelog gets one record for each key and commit. */
  private static StoreBuilder<KeyValueStore<String, byte[]>> cached(String name) {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
        .withCachingEnabled();
  }
}
