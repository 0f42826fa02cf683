package io.sworn.filter;

import io.sworn.event.AccountHeaders;
import io.sworn.event.ErrorCode;
import io.sworn.event.FilterAccount;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.event.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * What the versions of filters did, as the filter engine accounts for it: where each began to judge
 * and how often it matched. Not thread-safe.
 */
public final class FilterAccounts implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final int eventPartitions;
  private final Map<String, SortedMap<Integer, FilterAccount>> accounts = new TreeMap<>();

  private FilterAccounts(Map<String, Object> kafka, Topics topics) {
    consumer = VersionStore.consumer(kafka);
    try {
      partitions =
          consumer.partitionsFor(topics.accounts(), WAIT).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      eventPartitions = consumer.partitionsFor(topics.events(), WAIT).size();
      consumer.assign(partitions);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /** Opens the accounts from their beginning. */
  public static FilterAccounts all(Map<String, Object> kafka, Topics topics) {
    FilterAccounts opened = new FilterAccounts(kafka, topics);
    opened.consumer.seekToBeginning(opened.partitions);
    return opened;
  }

  /** Opens what will be told from now on: before a change that is to be followed. */
  public static FilterAccounts fromNow(Map<String, Object> kafka, Topics topics) {
    FilterAccounts opened = new FilterAccounts(kafka, topics);
    opened.consumer.seekToEnd(opened.partitions);
    opened.partitions.forEach(p -> opened.consumer.position(p, WAIT)); // now, not at the first poll
    return opened;
  }

  /** Reads on to the end of the topic as it is now. */
  public void refresh() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, WAIT);
    Instant deadline = Instant.now().plus(WAIT);
    while (partitions.stream()
        .anyMatch(p -> consumer.position(p, WAIT) < ends.getOrDefault(p, 0L))) {
      if (Instant.now().isAfter(deadline)) {
        throw new SwornException(ErrorCode.STORAGE, "the accounts of filters were not read");
      }
      consumer.poll(POLL).forEach(this::accept);
    }
  }

  /**
   * Waits until every partition of the topic of events is judged by {@code definition} or a later
   * version.
   *
   * @return whether that came in time
   */
  public boolean awaitSwitch(FilterDefinition definition, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!isEverywhere(definition)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      consumer.poll(POLL).forEach(this::accept);
    }
    return true;
  }

  private boolean isEverywhere(FilterDefinition definition) {
    for (int partition = 0; partition < eventPartitions; partition++) {
      int wanted = partition;
      if (accounts.values().stream()
          .map(all -> all.get(wanted))
          .noneMatch(
              account ->
                  account != null
                      && account.filter().equals(definition.name())
                      && account.version() >= definition.version())) {
        return false;
      }
    }
    return true;
  }

  /** What one version did at each partition; empty if it has not judged yet. */
  public SortedMap<Integer, FilterAccount> of(FilterDefinition definition) {
    return Collections.unmodifiableSortedMap(
        accounts.getOrDefault(definition.label(), new TreeMap<>()));
  }

  private void accept(ConsumerRecord<byte[], byte[]> record) {
    Header kind = record.headers().lastHeader(AccountHeaders.KIND);
    if (record.value() == null
        || kind == null
        || !FilterAccount.KIND.equals(new String(kind.value(), StandardCharsets.UTF_8))) {
      return;
    }
    FilterAccount account = SwornJson.read(record.value(), FilterAccount.class);
    accounts
        .computeIfAbsent(account.filter() + "@" + account.version(), label -> new TreeMap<>())
        .put(account.partition(), account);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
