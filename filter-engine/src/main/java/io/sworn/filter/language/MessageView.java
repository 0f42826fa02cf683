package io.sworn.filter.language;

import io.sworn.event.AuditEvent;
import io.sworn.event.EventKind;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.MongoAuditMessage;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The message of an event as filters see it. Fields that the event holds in lifted form are read
 * from there; the message is rebuilt only when a filter asks for anything else, and then once for
 * all filters. Not thread-safe; lives as long as one event is judged.
 */
public final class MessageView {

  private final @Nullable AuditEvent event;
  private @Nullable BsonValue value;

  private MessageView(@Nullable AuditEvent event, @Nullable BsonValue value) {
    this.event = event;
    this.value = value;
  }

  /** The message that {@code event} came from. */
  public static MessageView of(AuditEvent event) {
    return new MessageView(event, null);
  }

  /** The message itself. */
  public static MessageView of(BsonDocument message) {
    return new MessageView(null, message);
  }

  static MessageView ofValue(BsonValue value) {
    return new MessageView(null, value);
  }

  /**
   * Reads everything now, so that no judgement can fail later.
   *
   * @throws UnreadableEventException if a part of the event is not BSON
   */
  public MessageView checked() {
    self();
    return this;
  }

  /** The whole message. */
  BsonValue self() {
    if (value == null) {
      value = event == null ? new BsonDocument() : MongoAuditMessage.toMessage(event);
    }
    return value;
  }

  /**
   * A top-level member; null = missing.
   *
   * @throws UnreadableEventException if the event's {@code param} is not BSON
   */
  @Nullable BsonValue get(String name) {
    AuditEvent e = event;
    if (value == null && e != null && e.extra() == null && e.kind() != EventKind.MONGODB_OCSF) {
      switch (name) {
        case "atype":
          return new BsonString(e.type());
        case "result":
          return new BsonInt32(e.result());
        case "ts":
          return new BsonDateTime(e.time().toEpochMilli());
        default:
      }
    }
    BsonValue whole = self();
    if (whole.isArray()) {
      whole = Evaluator.indexed(whole.asArray());
    }
    return whole.isDocument() ? whole.asDocument().get(name) : null;
  }

  /** {@code param.command} and {@code param.ns}, where the event holds them; else null. */
  @Nullable BsonValue lifted(FieldPath path) {
    AuditEvent e = event;
    if (e == null || e.extra() != null || e.kind() == EventKind.MONGODB_OCSF) {
      return null;
    }
    if (!path.segment(0).equals("param") || !path.segment(1).equals("command")) {
      return null;
    }
    String command = e.command();
    return command == null ? null : new BsonString(command);
  }
}
