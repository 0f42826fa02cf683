package io.sworn.evidence.archive;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.UserName;
import io.sworn.evidence.SigningKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Events and keys that every test makes the same way. */
public final class Samples {

  /** Name of the log in tests. */
  public static final String ORIGIN = "sworn.test/log";

  /** A fixed key. */
  public static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

  private Samples() {}

  /** Bytes of an event that carries {@code data}. */
  public static byte[] event(String trail, long sequence, byte[] data) {
    return AuditEventCodec.encode(
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.DATABASE, "authCheck")
            .param(BsonBytes.of(new BsonDocument("data", new org.bson.BsonBinary(data))))
            .build());
  }

  /** Bytes of one event. */
  public static byte[] event(String trail, long sequence, String user) {
    return AuditEventCodec.encode(
        AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.DATABASE, "authenticate")
            .time(Instant.parse("2026-03-02T08:00:00Z").plusSeconds(sequence))
            .observed(Instant.parse("2026-03-02T08:00:00Z"))
            .users(List.of(new UserName(user, "admin")))
            .param(BsonBytes.of(new BsonDocument("user", new BsonString(user))))
            .build());
  }

  /** Records {@code [from, to]} of a trail, offsets from the sequence. */
  public static List<ArchiveRecord> records(String trail, long from, long to) {
    List<ArchiveRecord> records = new ArrayList<>();
    for (long sequence = from; sequence <= to; sequence++) {
      records.add(new ArchiveRecord(0, sequence, event(trail, sequence, "ann")));
    }
    return records;
  }
}
