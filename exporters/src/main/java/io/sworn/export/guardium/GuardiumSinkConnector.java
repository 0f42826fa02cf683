package io.sworn.export.guardium;

import io.sworn.export.connect.ExporterSinkConnector;
import io.sworn.export.connect.ExporterSinkTask;
import org.apache.kafka.connect.connector.Task;

/** Kafka Connect sink that sends audit events to Guardium's MongoDB input by syslog. */
public final class GuardiumSinkConnector extends ExporterSinkConnector {

  /** For Kafka Connect. */
  public GuardiumSinkConnector() {
    super(new GuardiumExporterFactory());
  }

  @Override
  public Class<? extends Task> taskClass() {
    return SinkTask.class;
  }

  /** The task of this connector. */
  public static final class SinkTask extends ExporterSinkTask {
    /** For Kafka Connect. */
    public SinkTask() {
      super(new GuardiumExporterFactory());
    }
  }
}
