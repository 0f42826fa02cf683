package io.sworn.server.demo;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.export.loopback.HecFaults;
import io.sworn.export.loopback.HecReceiver;
import io.sworn.export.loopback.SyslogReceiver;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.demo.Received.Format;
import io.sworn.server.identity.Identity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The destinations of the demonstration: a Splunk collector and a Guardium collector on loopback,
 * both over TLS with an authority of their own, a file, and an Elasticsearch if one is wanted.
 * Before the Splunk collector stands a proxy that takes no body above {@value #PROXY_BYTES_MAX}
 * bytes, and it can be taken down.
 */
final class Destinations implements AutoCloseable {

  static final String SPLUNK = "splunk";
  static final String GUARDIUM = "guardium";
  static final String FILE = "file";

  private static final int PROXY_BYTES_MAX = 128 * 1024;
  private static final String TOKEN = "00000000-0000-4000-8000-000000000001";

  private final Map<String, End> ends = new LinkedHashMap<>();
  private final Received splunk;
  private final Received file;
  private final Optional<ElasticsearchEnd> elasticsearch;
  private final Path authority;
  private final HecReceiver hec;
  private final SyslogReceiver syslog;

  private Destinations(Path own, Optional<ElasticsearchEnd> elasticsearch) throws IOException {
    this.elasticsearch = elasticsearch;
    Identity identity = Identity.loadOrCreate(own.resolve("receivers"), Clock.systemUTC());
    authority = identity.authority();
    splunk = received(own, SPLUNK, Format.HEC);
    Received guardium = received(own, GUARDIUM, Format.SYSLOG);
    file = received(own, FILE, Format.LINES);
    elasticsearch.ifPresent(end -> ends.put(ElasticsearchEnd.NAME, end));
    javax.net.ssl.SSLContext tls = ReceiverTls.serving(identity);
    hec = HecReceiver.start(0, new HecReceiver.Token(TOKEN, true), tls, splunk::add);
    try {
      syslog = SyslogReceiver.start(0, tls, false, guardium::add);
    } catch (IOException e) {
      hec.close();
      throw e;
    }
    splunkComesBack();
  }

  private Received received(Path own, String name, Format format) {
    Received there = new Received(own.resolve(name + ".jsonl"), format);
    ends.put(name, there);
    return there;
  }

  /**
   * Starts the receivers; what they take is kept in {@code own}.
   *
   * @param elasticsearch a cluster that gets everything, too
   */
  static Destinations start(Path own, Optional<ElasticsearchEnd> elasticsearch) {
    try {
      return new Destinations(own, elasticsearch);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, "the receivers cannot be started: " + LocalFiles.reason(e), e);
    }
  }

  /** How the exporters reach them. */
  List<ExporterSpec> exporters() {
    List<ExporterSpec> exporters = new ArrayList<>();
    exporters.add(
        new ExporterSpec(
            SPLUNK,
            SPLUNK,
            SPLUNK,
            Map.of(
                "splunk.url",
                "https://127.0.0.1:" + hec.port(),
                "splunk.token",
                TOKEN,
                "splunk.tls.ca.file",
                authority.toString(),
                "splunk.ack.poll.ms",
                "100",
                "retry.backoff.ms",
                "200",
                "retry.backoff.max.ms",
                "1000")));
    exporters.add(
        new ExporterSpec(
            GUARDIUM,
            GUARDIUM,
            GUARDIUM,
            Map.of(
                "guardium.host", "127.0.0.1",
                "guardium.port", String.valueOf(syslog.port()),
                "guardium.tls.ca.file", authority.toString(),
                // As much as this receiver takes: the event that Splunk refuses is not cut here.
                "guardium.message.bytes.max", String.valueOf(64 << 20))));
    exporters.add(new ExporterSpec(FILE, FILE, FILE, Map.of("file.path", file.file().toString())));
    elasticsearch.ifPresent(end -> exporters.add(end.exporter()));
    return exporters;
  }

  /** Destinations that get every event, whatever it is. */
  List<String> unfiltered() {
    return elasticsearch.isPresent() ? List.of(FILE, ElasticsearchEnd.NAME) : List.of(FILE);
  }

  /** What Splunk holds, with the filters that each event names. */
  Received splunk() {
    return splunk;
  }

  /** What a destination holds. */
  End end(String name) {
    End there = ends.get(name);
    if (there == null) {
      throw new IllegalArgumentException(name);
    }
    return there;
  }

  /** All of them by name. */
  Map<String, End> all() {
    return ends;
  }

  /** Splunk answers 503 from now on. */
  void splunkGoesAway() {
    hec.faults(HecFaults.BUSY);
  }

  /** Splunk takes events again, up to what its proxy lets through. */
  void splunkComesBack() {
    hec.faults(HecFaults.bodyLimit(PROXY_BYTES_MAX));
  }

  @Override
  public void close() {
    syslog.close();
    hec.close();
  }
}
