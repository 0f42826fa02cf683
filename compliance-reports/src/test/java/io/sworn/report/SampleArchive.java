package io.sworn.report;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.BsonBytes;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UserName;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveRecord;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Builds a real archive of one day. */
final class SampleArchive {

  static final LocalDate DAY = LocalDate.parse("2026-03-01");

  /** Events are a second apart, so that many of them are more than a day. */
  static final Instant END = Instant.parse("2026-04-01T00:00:00Z");

  static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

  private final List<ArchiveRecord> records = new ArrayList<>();
  private long sequence;
  private LocalDate day = DAY;

  SampleArchive skip() {
    sequence++;
    return this;
  }

  /** What comes now happens a day later. */
  SampleArchive nextDay() {
    day = day.plusDays(1);
    return this;
  }

  SampleArchive login(String user, int result) {
    BsonDocument param =
        new BsonDocument("user", new BsonString(user))
            .append("db", new BsonString("admin"))
            .append("mechanism", new BsonString("SCRAM-SHA-256"));
    return add(EventKind.DATABASE, "authenticate", result == 0 ? user : null, null, param, result);
  }

  SampleArchive command(String user, String ns, int result) {
    return add(EventKind.DATABASE, "authCheck", user, ns, new BsonDocument(), result);
  }

  SampleArchive act(String user, String type, String ns) {
    return add(EventKind.DATABASE, type, user, ns, new BsonDocument(), 0);
  }

  SampleArchive sworn(String type) {
    return add(EventKind.SWORN, type, "auditor", null, new BsonDocument(), 0);
  }

  SampleArchive add(
      EventKind kind, String type, String user, String ns, BsonDocument param, int result) {
    sequence++;
    Instant time = day.atStartOfDay().toInstant(java.time.ZoneOffset.UTC).plusSeconds(sequence);
    AuditEvent event =
        AuditEvent.builder(SourcePosition.at("db-1/0000abcd", sequence), kind, type)
            .time(time)
            .observed(time)
            .remote(Endpoint.tcp("10.0.0.7", 4242))
            .users(user == null ? List.of() : List.of(new UserName(user, "admin")))
            .roles(
                user == null
                    ? List.of()
                    : List.of(new RoleName(user.equals("admin") ? "root" : "readWrite", "admin")))
            .command(type.equals("authCheck") ? "find" : null)
            .namespace(ns)
            .param(BsonBytes.of(param))
            .result(result)
            .build();
    records.add(new ArchiveRecord(0, sequence, AuditEventCodec.encode(event)));
    return this;
  }

  /** A day on which every captured control finds something and no rule is broken. */
  static SampleArchive fullDay() {
    return new SampleArchive()
        .act("admin", "startup", null)
        .login("nurse", 0)
        .login("nurse", 18)
        .command("nurse", "mydb.patients", 0)
        .command("nurse", "admin.system.users", 13)
        .act("admin", "createUser", null)
        .act("admin", "createCollection", "mydb.patients")
        .sworn("reportRun");
  }

  long write(Path directory) {
    try (Archive archive = Archive.open(directory, KEY, "sworn.example/test")) {
      appendTo(archive);
      archive.checkpoint();
      return archive.size();
    }
  }

  /** Appends what was added since the last time. */
  void appendTo(Archive archive) {
    archive.append(records, Map.of(0, sequence + 1));
    records.clear();
  }
}
