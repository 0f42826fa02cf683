package io.sworn.filter.alert;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import java.time.Instant;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * A rule could not count everything. Totals since the rule's state began.
 *
 * @param rule which rule
 * @param version which version of it
 * @param late events that came too late for their window
 * @param evicted groups and events that were given up for want of room
 */
public record Notice(String rule, int version, long late, long evicted) {

  /** The notice as an event of Sworn's own. */
  public AuditEvent toEvent(SourcePosition position, Instant now) {
    return AuditEvent.builder(position, EventKind.SWORN, Alert.NOTICE_TYPE)
        .time(now)
        .observed(now)
        .param(
            BsonBytes.of(
                new BsonDocument("rule", new BsonString(rule))
                    .append("version", new BsonInt32(version))
                    .append("late", new BsonInt64(late))
                    .append("evicted", new BsonInt64(evicted))))
        .build();
  }
}
