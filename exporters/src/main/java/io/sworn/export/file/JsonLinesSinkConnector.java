package io.sworn.export.file;

import io.sworn.export.connect.ExporterSinkConnector;
import io.sworn.export.connect.ExporterSinkTask;
import org.apache.kafka.connect.connector.Task;

/** Kafka Connect sink that appends audit events to a file, a line of JSON each. */
public final class JsonLinesSinkConnector extends ExporterSinkConnector {

  /** For Kafka Connect. */
  public JsonLinesSinkConnector() {
    super(new JsonLinesExporterFactory());
  }

  @Override
  public Class<? extends Task> taskClass() {
    return SinkTask.class;
  }

  /** The task of this connector. */
  public static final class SinkTask extends ExporterSinkTask {
    /** For Kafka Connect. */
    public SinkTask() {
      super(new JsonLinesExporterFactory());
    }
  }
}
