package io.sworn.benchmark.pipeline;

import io.sworn.event.Topics;
import io.sworn.filter.redact.RouteRedactions;
import io.sworn.filter.stream.FilterEngine;
import io.sworn.filter.stream.StreamsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * One side of the comparison in a process of its own: {@code judge} is the filter engine, {@code
 * redact} the same with the redactions that routes get unless configured otherwise, {@code pass}
 * the bare pass-through. Ends with its standard input.
 */
public final class StreamsProcess {

  static final String PASS_APPLICATION = "pass-through";

  private StreamsProcess() {}

  /** Arguments: side, bootstrap servers, topic prefix, route, state directory, share to pass. */
  public static void main(String[] args) throws IOException {
    Map<String, Object> kafka = Map.of("bootstrap.servers", args[1]);
    Topics topics = new Topics(args[2]);
    Path state = Path.of(args[4]);
    try (AutoCloseable side =
        switch (args[0]) {
          case "judge" -> FilterEngine.start(kafka, topics, state, RouteRedactions.NONE);
          case "redact" -> FilterEngine.start(kafka, topics, state, RouteRedactions.of(Map.of()));
          default -> pass(kafka, topics, args[3], state, Double.parseDouble(args[5]));
        }) {
      while (System.in.read() >= 0) {
        // Nothing is ever sent; only the end matters.
      }
    } catch (Exception e) {
      throw new IOException("the side " + args[0] + " failed", e);
    }
    System.exit(0); // whatever threads Kafka has left
  }

  private static AutoCloseable pass(
      Map<String, Object> kafka, Topics topics, String route, Path state, double share) {
    Topology topology =
        new Topology()
            .addSource(
                "events",
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.events());
    if (share < 1) {
      topology.addProcessor("thin", () -> new Thin(share), "events");
    }
    topology.addSink(
        "out",
        topics.route(route),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        share < 1 ? "thin" : "events");
    KafkaStreams streams =
        new KafkaStreams(
            topology, StreamsSettings.of(kafka, topics.prefix() + PASS_APPLICATION, state, 1));
    streams.start();
    return () -> streams.close(Duration.ofSeconds(30));
  }

  /** Passes a share of the records, without a look at them. */
  private static final class Thin implements Processor<byte[], byte[], byte[], byte[]> {
    private final double share;
    private double owed;
    private @Nullable ProcessorContext<byte[], byte[]> context;

    Thin(double share) {
      this.share = share;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
      context = given;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      owed += share;
      if (owed >= 1) {
        owed--;
        Objects.requireNonNull(context).forward(record);
      }
    }
  }
}
