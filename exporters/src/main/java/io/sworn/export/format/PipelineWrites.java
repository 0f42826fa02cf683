package io.sworn.export.format;

import io.sworn.event.AuditEvent;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Whether an aggregation stores its result. */
final class PipelineWrites {

  private PipelineWrites() {}

  static boolean in(AuditEvent event) {
    BsonValue args = event.param().toDocument().get("args");
    if (args == null || !args.isDocument()) {
      return false;
    }
    BsonValue pipeline = args.asDocument().get("pipeline");
    return pipeline != null
        && pipeline.isArray()
        && pipeline.asArray().stream()
            .filter(BsonValue::isDocument)
            .map(BsonValue::asDocument)
            .anyMatch(PipelineWrites::writes);
  }

  private static boolean writes(BsonDocument stage) {
    return stage.containsKey("$out") || stage.containsKey("$merge");
  }
}
