package io.sworn.filter.stream;

import io.sworn.event.Topics;
import io.sworn.filter.redact.RouteRedactions;
import java.time.Duration;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Gives each partition a {@link PartitionJudge} with the state that Kafka Streams restored. */
final class JudgeProcessor implements Processor<byte[], byte[], byte[], Outgoing> {

  private static final Duration ACCOUNT_EVERY = Duration.ofMillis(100);

  private final Topics topics;
  private final FilterSource filters;
  private final RouteRedactions redactions;
  private @Nullable PartitionJudge judge;

  JudgeProcessor(Topics topics, FilterSource filters, RouteRedactions redactions) {
    this.topics = topics;
    this.filters = filters;
    this.redactions = redactions;
  }

  @Override
  public void init(ProcessorContext<byte[], Outgoing> context) {
    PartitionJudge opened =
        new PartitionJudge(topics, new ActiveFilters(filters), redactions, context);
    judge = opened;
    context.schedule(ACCOUNT_EVERY, PunctuationType.WALL_CLOCK_TIME, opened::account);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    PartitionJudge current = judge;
    if (current == null) {
      throw new IllegalStateException("not initialised");
    }
    current.judge(record);
  }
}
