package io.sworn.benchmark;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.Endpoint;
import io.sworn.event.EventKind;
import io.sworn.event.RoleName;
import io.sworn.event.SourcePosition;
import io.sworn.event.UserName;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.ObjectId;

/**
 * A mix of audit events as a busy hospital's database would write them, the same for the same seed:
 * 85 % authorisation checks (finds, writes, aggregations; a tenth of all on {@code mydb.patients}),
 * 10 % logins (a fifth of them refused), 5 % changes of collections, indexes and users. About 600
 * bytes each when encoded.
 */
public final class EventMix {

  private static final List<String> COMMANDS =
      List.of("find", "find", "find", "aggregate", "insert", "update", "delete", "getMore");
  private static final List<String> NAMESPACES =
      List.of(
          "mydb.patients",
          "mydb.visits",
          "mydb.invoices",
          "shop.orders",
          "shop.items",
          "shop.baskets",
          "hr.people",
          "logs.access");
  private static final List<String> CHANGES =
      List.of("createCollection", "dropCollection", "createIndex", "dropIndex", "createUser");
  private static final long FIRST_MILLIS = 1_780_000_000_000L;

  private final SplittableRandom random;

  /** The mix that {@code seed} gives. */
  public EventMix(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The next event, placed at {@code position}. */
  public AuditEvent next(SourcePosition position) {
    int user = random.nextInt(200);
    Instant time = Instant.ofEpochMilli(FIRST_MILLIS + position.sequence());
    AuditEvent.Builder event;
    int dice = random.nextInt(100);
    if (dice < 85) {
      event = check(position, user);
    } else if (dice < 95) {
      event = login(position, user);
    } else {
      event = change(position);
    }
    return event
        .time(time)
        .observed(time)
        .session(new UUID(0x4000L | random.nextLong(), random.nextLong()))
        .local(Endpoint.tcp("10.20.0.11", 27017))
        .remote(
            Endpoint.tcp(
                "10.20." + random.nextInt(16) + "." + random.nextInt(1, 255),
                random.nextInt(32768, 61000)))
        .users(List.of(new UserName("clinic_app_" + user, "admin")))
        .roles(List.of(new RoleName("readWrite", "mydb"), new RoleName("clinicReader", "shop")))
        .build();
  }

  private AuditEvent.Builder check(SourcePosition position, int user) {
    String command = COMMANDS.get(random.nextInt(COMMANDS.size()));
    String namespace = NAMESPACES.get(random.nextInt(NAMESPACES.size()));
    String collection = namespace.substring(namespace.indexOf('.') + 1);
    BsonDocument args =
        new BsonDocument(command, new BsonString(collection))
            .append(
                "filter",
                new BsonDocument("_id", new BsonObjectId(new ObjectId(id())))
                    .append("clinic", new BsonInt32(random.nextInt(40)))
                    .append("since", new BsonDateTime(FIRST_MILLIS)))
            .append("ordered", BsonBoolean.TRUE)
            .append("lsid", new BsonDocument("id", new BsonString(hex(24))))
            .append("$db", new BsonString(namespace.substring(0, namespace.indexOf('.'))))
            .append("comment", new BsonString("request " + hex(150) + " of ward " + user));
    BsonDocument param =
        new BsonDocument("command", new BsonString(command))
            .append("ns", new BsonString(namespace))
            .append("args", args);
    return AuditEvent.builder(position, EventKind.MONGODB, "authCheck")
        .command(command)
        .namespace(namespace)
        .param(BsonBytes.of(param))
        .result(random.nextInt(50) == 0 ? 13 : 0);
  }

  private AuditEvent.Builder login(SourcePosition position, int user) {
    BsonDocument param =
        new BsonDocument("user", new BsonString("clinic_app_" + user))
            .append("db", new BsonString("admin"))
            .append("mechanism", new BsonString("SCRAM-SHA-256"))
            .append("note", new BsonString(hex(360)));
    return AuditEvent.builder(position, EventKind.MONGODB, "authenticate")
        .param(BsonBytes.of(param))
        .result(random.nextInt(5) == 0 ? 18 : 0);
  }

  private AuditEvent.Builder change(SourcePosition position) {
    String type = CHANGES.get(random.nextInt(CHANGES.size()));
    String namespace = NAMESPACES.get(random.nextInt(NAMESPACES.size()));
    BsonDocument param =
        new BsonDocument("ns", new BsonString(namespace))
            .append(
                "options",
                new BsonDocument("key", new BsonDocument("born", new BsonInt32(1)))
                    .append("tags", new BsonArray(List.of(new BsonString(hex(190)))))
                    .append("name", new BsonString(hex(150))));
    return AuditEvent.builder(position, EventKind.MONGODB, type)
        .namespace(namespace)
        .param(BsonBytes.of(param));
  }

  private byte[] id() {
    byte[] bytes = new byte[12];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextInt();
    }
    return bytes;
  }

  private String hex(int length) {
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append(Character.forDigit(random.nextInt(16), 16));
    }
    return text.toString();
  }
}
