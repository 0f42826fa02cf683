package io.sworn.export.elasticsearch;

import io.sworn.export.connect.ExporterSinkConnector;
import io.sworn.export.connect.ExporterSinkTask;
import org.apache.kafka.connect.connector.Task;

/** Kafka Connect sink that stores audit events in Elasticsearch. */
public final class ElasticsearchSinkConnector extends ExporterSinkConnector {

  /** For Kafka Connect. */
  public ElasticsearchSinkConnector() {
    super(new ElasticsearchExporterFactory());
  }

  @Override
  public Class<? extends Task> taskClass() {
    return SinkTask.class;
  }

  /** The task of this connector. */
  public static final class SinkTask extends ExporterSinkTask {
    /** For Kafka Connect. */
    public SinkTask() {
      super(new ElasticsearchExporterFactory());
    }
  }
}
