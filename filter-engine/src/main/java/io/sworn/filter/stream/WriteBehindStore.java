package io.sworn.filter.stream;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory with a changelog whose owner keeps what it works with in objects of its own,
 * and writes them down once for each commit instead of once for each event. What is written then is
 * part of the transaction that commits the events' offsets.
 *
 * <p>Kafka Streams asks only its own caches before a commit, so this looks like one: {@link
 * CachedStateStore} is no public interface of it. If a later version asks no more, nothing is ever
 * written, which every test with a restart shows.
 *
 * @param <K> the keys
 */
final class WriteBehindStore<K> implements StateStore, CachedStateStore<K, byte[]> {

  private final KeyValueStore<K, byte[]> contents;
  private @Nullable Runnable writer;

  private WriteBehindStore(KeyValueStore<K, byte[]> contents) {
    this.contents = contents;
  }

  /** Makes such stores. */
  static <K> StoreBuilder<WriteBehindStore<K>> builder(String name, Serde<K> keys) {
    return new Builder<>(
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, Serdes.ByteArray())
            .withCachingDisabled());
  }

  /** What is stored; whatever is put there becomes part of the next commit. */
  KeyValueStore<K, byte[]> contents() {
    return contents;
  }

  /** From now on, {@code writer} is run before each commit, on the thread of the task. */
  void beforeCommit(Runnable writer) {
    this.writer = writer;
  }

  @Override
  public void flushCache() {
    Runnable current = writer;
    if (current != null) {
      current.run();
    }
  }

  /** The task becomes a standby, which writes nothing. */
  @Override
  public void clearCache() {
    writer = null;
  }

  /** Nothing is told downstream of what is stored. */
  @Override
  public boolean setFlushListener(CacheFlushListener<K, byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public String name() {
    return contents.name();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    contents.init(context, root);
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    contents.commit(changelogOffsets);
  }

  @Override
  public void close() {
    writer = null;
    contents.close();
  }

  @Override
  public boolean persistent() {
    return contents.persistent();
  }

  @Override
  public boolean isOpen() {
    return contents.isOpen();
  }

  private record Builder<K>(StoreBuilder<KeyValueStore<K, byte[]>> contents)
      implements StoreBuilder<WriteBehindStore<K>> {

    @Override
    public StoreBuilder<WriteBehindStore<K>> withCachingEnabled() {
      throw new UnsupportedOperationException("it is the cache");
    }

    @Override
    public StoreBuilder<WriteBehindStore<K>> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<WriteBehindStore<K>> withLoggingEnabled(Map<String, String> settings) {
      contents.withLoggingEnabled(settings);
      return this;
    }

    @Override
    public StoreBuilder<WriteBehindStore<K>> withLoggingDisabled() {
      throw new UnsupportedOperationException("what is not logged is lost with the task");
    }

    @Override
    public WriteBehindStore<K> build() {
      return new WriteBehindStore<>(contents.build());
    }

    @Override
    public Map<String, String> logConfig() {
      return contents.logConfig();
    }

    @Override
    public boolean loggingEnabled() {
      return contents.loggingEnabled();
    }

    @Override
    public String name() {
      return contents.name();
    }
  }
}
