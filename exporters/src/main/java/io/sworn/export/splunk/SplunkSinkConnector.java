package io.sworn.export.splunk;

import io.sworn.export.connect.ExporterSinkConnector;
import io.sworn.export.connect.ExporterSinkTask;
import org.apache.kafka.connect.connector.Task;

/** Kafka Connect sink that sends audit events to Splunk's HTTP Event Collector. */
public final class SplunkSinkConnector extends ExporterSinkConnector {

  /** For Kafka Connect. */
  public SplunkSinkConnector() {
    super(new SplunkExporterFactory());
  }

  @Override
  public Class<? extends Task> taskClass() {
    return SinkTask.class;
  }

  /** The task of this connector. */
  public static final class SinkTask extends ExporterSinkTask {
    /** For Kafka Connect. */
    public SinkTask() {
      super(new SplunkExporterFactory());
    }
  }
}
