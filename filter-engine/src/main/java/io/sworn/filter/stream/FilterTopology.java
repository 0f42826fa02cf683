package io.sworn.filter.stream;

import io.sworn.event.Topics;
import io.sworn.filter.FilterSet;
import io.sworn.filter.redact.RouteRedactions;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Events in; copies for the routes, accounts and dead letters out. State is held in memory with a
 * changelog: a few hundred bytes for each trail, and no native library.
 */
public final class FilterTopology {

  private FilterTopology() {}

  /** The topology; {@code filters} is asked at every event, each route gets what it may see. */
  public static Topology build(
      Topics topics, Supplier<FilterSet> filters, RouteRedactions redactions) {
    return new Topology()
        .addSource(
            "events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics.events())
        .addProcessor("judge", () -> new JudgeProcessor(topics, filters, redactions), "events")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore(JudgeProcessor.STORE),
                    Serdes.String(),
                    Serdes.ByteArray())
                .withCachingEnabled(),
            "judge")
        .addSink(
            "out",
            (key, value, context) -> value.topic(),
            new ByteArraySerializer(),
            (String topic, Outgoing value) -> value.bytes(),
            "judge");
  }
}
