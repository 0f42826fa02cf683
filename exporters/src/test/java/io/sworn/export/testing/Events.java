package io.sworn.export.testing;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Client;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UserName;
import io.sworn.event.mongo.AuditFileReader;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.export.RoutedEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.BsonDocument;

/** Events to export. */
public final class Events {

  private Events() {}

  /** An insert; the same number gives the same event. */
  public static AuditEvent insert(String trail, long sequence) {
    return insert(trail, sequence, "patients");
  }

  /** An insert whose first argument is {@code text}. */
  public static AuditEvent insert(String trail, long sequence, String text) {
    BsonDocument param =
        BsonDocument.parse(
            "{command: 'insert', ns: 'mydb.patients', args: {insert: 'patients', documents:"
                + " [{_id: 1, name: 'A', balance: {$numberLong: '9007199254740993'}}], $db:"
                + " 'mydb'}}");
    param.getDocument("args").put("note", new org.bson.BsonString(text));
    return AuditEvent.builder(SourcePosition.at(trail, sequence), EventKind.DATABASE, "authCheck")
        .time(Instant.parse("2026-03-02T08:00:16.373456Z").plusMillis(sequence))
        .observed(Instant.parse("2026-03-02T08:00:17Z"))
        .session(new UUID(7, 9))
        .local(Endpoint.tcp("127.0.0.1", 27017))
        .remote(Endpoint.tcp("127.0.0.1", 50412))
        .users(List.of(new UserName("orders_app", "shop")))
        .roles(List.of(new RoleName("readWrite", "mydb")))
        .command("insert")
        .namespace("mydb.patients")
        .param(BsonBytes.of(param))
        .client(new Client("orders-service", "mongo-java-driver|sync", "5.14.0", "SCRAM-SHA-256"))
        .build();
  }

  /** Inserts {@code [from, to]} of a trail, kept by one filter. */
  public static List<RoutedEvent> inserts(String trail, int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(
            i -> new RoutedEvent(insert(trail, i), List.of("writes-to-patients@3"), List.of()))
        .toList();
  }

  /** Ids in text form. */
  public static Set<String> ids(List<RoutedEvent> events) {
    return events.stream().map(e -> e.event().id().toString()).collect(Collectors.toSet());
  }

  /** Recorded audit messages. */
  public static List<RoutedEvent> recorded(String resource) {
    List<RoutedEvent> events = new ArrayList<>();
    try (InputStream in = Events.class.getResourceAsStream("/" + resource);
        AuditFileReader reader = new AuditFileReader(Objects.requireNonNull(in, resource))) {
      for (AuditFileReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
        events.add(
            new RoutedEvent(
                MongoAuditMessage.toEvent(
                    Objects.requireNonNull(entry.message()),
                    SourcePosition.at(resource, entry.number()),
                    null,
                    Instant.parse("2026-03-03T00:00:00Z")),
                List.of("all@1"),
                List.of()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }
}
