package io.sworn.database.command;

import io.sworn.database.auditing.AuditSubject;
import io.sworn.database.auditing.AuditTrail;
import org.bson.BsonDocument;

/** The audit messages of one request: appended while it runs, on disk before it is answered. */
final class RequestAudit {

  private final AuditTrail trail;
  private final Session session;
  private long last;

  RequestAudit(AuditTrail trail, Session session) {
    this.trail = trail;
    this.session = session;
  }

  /** Appends a message of whoever is authenticated now. */
  void append(String type, BsonDocument param, int result) {
    append(session.subject(), type, param, result);
  }

  /** Appends a message of a certain subject. */
  void append(AuditSubject subject, String type, BsonDocument param, int result) {
    last = trail.append(subject, type, param, result);
  }

  /** Returns when everything appended here is on disk. */
  void settle() {
    if (last > 0) {
      trail.sync(last);
    }
  }
}
