package io.sworn.filter.stream;

import io.sworn.event.SwornException;
import io.sworn.event.Topics;
import io.sworn.filter.DefinitionKey;
import io.sworn.filter.FilterDefinition;
import io.sworn.filter.FilterSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic of filters and keeps the set of active ones. The newest valid version of each
 * filter is active; a record that is no definition, or whose filter is invalid, is refused and
 * reported, and the former version stays. A version becomes active only when the topics of its
 * routes can be written.
 */
final class FilterFeed implements DefinitionFollower.Reader, FilterSource, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FilterFeed.class);
  private static final int REFUSED_MAX = 100;

  private final Topics topics;
  private final int routePartitions;
  private final TreeMap<String, FilterSet.Active> newest = new TreeMap<>();
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();
  private final TopicMaker maker;
  private final DefinitionFollower follower;
  private volatile FilterSet active = FilterSet.EMPTY;

  FilterFeed(Map<String, Object> kafka, Topics topics, int routePartitions) {
    this.topics = topics;
    this.routePartitions = routePartitions;
    maker = new TopicMaker(kafka);
    follower = new DefinitionFollower("filter-feed", kafka, topics.filters(), this);
    follower.start();
  }

  /** Waits until everything that the topic held at the start is taken up. */
  boolean awaitCaughtUp(Duration wait) throws InterruptedException {
    return follower.awaitCaughtUp(wait);
  }

  @Override
  public FilterSet active() {
    return active;
  }

  @Override
  public BooleanSupplier readUntilNow() {
    return follower.readUntilNow();
  }

  /** Refused records: label or key, and the reason. */
  Map<String, String> refused() {
    return Map.copyOf(refused);
  }

  boolean connected() {
    return follower.connected();
  }

  @Override
  public void publish() {
    active = FilterSet.of(newest.values());
    LOG.info(
        "active filters: {}", active.definitions().stream().map(FilterDefinition::label).toList());
  }

  @Override
  public boolean accept(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    if (DefinitionKey.Kind.of(record.key()) != DefinitionKey.Kind.FILTER) {
      return false;
    }
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      return !key.contains("@") && newest.remove(key) != null;
    }
    FilterSet.Active candidate;
    try {
      FilterDefinition definition = FilterDefinition.fromBytes(record.value());
      FilterSet.Active current = newest.get(definition.name());
      if (current != null && current.definition().version() >= definition.version()) {
        return false;
      }
      candidate = FilterSet.Active.of(definition);
    } catch (SwornException e) {
      LOG.warn("filter '{}' is refused, its former version stays: {}", key, e.getMessage());
      if (refused.size() < REFUSED_MAX) {
        refused.put(key, String.valueOf(e.getMessage()));
      }
      return false;
    }
    if (candidate.definition().enabled()) {
      for (String route : candidate.definition().routes()) {
        maker.ensure(topics.route(route), routePartitions, false);
      }
    }
    newest.put(candidate.definition().name(), candidate);
    refused.remove(candidate.definition().name());
    return true;
  }

  @Override
  public void close() {
    follower.close();
    maker.close();
  }
}
