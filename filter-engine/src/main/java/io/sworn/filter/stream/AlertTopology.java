package io.sworn.filter.stream;

import io.sworn.event.Topics;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Events in, alerts out, in two halves with a topic between: the first finds the rules that an
 * event concerns, beside each partition of the events; the second keeps the state of each rule and
 * group in one place, wherever their events come from.
 */
final class AlertTopology {

  private AlertTopology() {}

  /** The topic between the halves. */
  static String hits(Topics topics) {
    return topics.prefix() + "alert-engine-hits";
  }

  /** The topology; {@code partitions} is how many the topic of events has. */
  static Topology build(Topics topics, RuleSource rules, int partitions, AlertStatus status) {
    return new Topology()
        .addSource(
            "events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topics.events())
        .addProcessor("select", () -> new SelectProcessor(rules, status), "events")
        .addStateStore(store(SelectProcessor.STORE), "select")
        .addSink(
            "to-hits",
            hits(topics),
            new ByteArraySerializer(),
            new ByteArraySerializer(),
            new ByGroup(),
            "select")
        .addSource("hits", new ByteArrayDeserializer(), new ByteArrayDeserializer(), hits(topics))
        .addProcessor("alert", () -> new AlertProcessor(topics, rules, partitions, status), "hits")
        .addStateStore(store(AlertProcessor.STORE), "alert")
        .addSink(
            "out",
            (key, value, context) -> value.topic(),
            new ByteArraySerializer(),
            (String topic, Outgoing value) -> value.bytes(),
            "alert");
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> store(String name) {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
        .withCachingEnabled();
  }

  /** Hits of a rule and group to one partition, marks to all. */
  private static final class ByGroup implements StreamPartitioner<byte[], byte[]> {
    @Override
    public Optional<Set<Integer>> partitions(
        String topic, byte[] key, byte[] value, int partitions) {
      if (HitCodec.isMark(value)) {
        return Optional.of(
            IntStream.range(0, partitions).boxed().collect(Collectors.toUnmodifiableSet()));
      }
      return Optional.of(Set.of(Utils.toPositive(Arrays.hashCode(key)) % partitions));
    }
  }
}
