package io.sworn.database.auditing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.database.engine.DdlEffect;
import io.sworn.event.Endpoint;
import io.sworn.event.RoleName;
import io.sworn.event.UserName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bson.BsonDocument;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our messages against recorded ones: the same members, of the same types, in the same order. */
final class AuditMessagesTest {

  private static final UserName ANN = new UserName("ann", "shop");
  private static final List<RoleName> ROLES = List.of(new RoleName("read", "shop"));
  private static final BsonDocument SPEC =
      BsonDocument.parse("{v: 2, key: {a: 1}, name: 'a_1', unique: true}");
  private static final Map<String, List<BsonDocument>> SAMPLES = new HashMap<>();

  @BeforeAll
  static void readSamples() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    AuditMessagesTest.class.getResourceAsStream(
                        "/sample-events/mongo-schema.jsonl")),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        BsonDocument message = io.sworn.event.mongo.ExtendedJson.parse(line);
        SAMPLES
            .computeIfAbsent(message.getString("atype").getValue(), type -> new ArrayList<>())
            .add(message.getDocument("param"));
      }
    }
  }

  @Test
  void authenticationAndSession() {
    like("authenticate", AuditMessages.authenticate(ANN, "SCRAM-SHA-256"));
    like("logout", AuditMessages.logout("Client has disconnected", List.of(ANN)));
    like(
        "clientMetadata",
        AuditMessages.clientMetadata(
            Endpoint.tcp("127.0.0.1", 1), BsonDocument.parse("{driver: {name: 'x'}}")));
    like("authCheck", AuditMessages.authCheck("find", "shop.c", new BsonDocument()));
    like("authCheck", AuditMessages.authCheck("getParameter", null, new BsonDocument()));
  }

  @Test
  void server() {
    like("startup", AuditMessages.startup(new BsonDocument()));
    like("shutdown", new BsonDocument());
    like("applicationMessage", AuditMessages.applicationMessage("m"));
  }

  @Test
  void users() {
    BsonDocument data = new BsonDocument();
    like("createUser", AuditMessages.createUser(ANN, data, ROLES));
    like("createUser", AuditMessages.createUser(ANN, null, ROLES));
    like("updateUser", AuditMessages.updateUser(ANN, true, data, ROLES));
    like("dropUser", AuditMessages.dropUser(ANN));
    like("dropAllUsersFromDatabase", AuditMessages.dropAllUsers("shop"));
    like("grantRolesToUser", AuditMessages.changeRoles(ANN, ROLES));
    like("revokeRolesFromUser", AuditMessages.changeRoles(ANN, ROLES));
  }

  @Test
  void everyChangeOfTheCatalogue() {
    List<DdlEffect> effects =
        List.of(
            new DdlEffect.CreateDatabase("shop"),
            new DdlEffect.CreateCollection("shop.c", new BsonDocument()),
            new DdlEffect.CreateIndex("shop.c", "a_1", SPEC),
            new DdlEffect.DropIndex("shop.c", "a_1"),
            new DdlEffect.DropCollection("shop.c"),
            new DdlEffect.DropDatabase("shop"),
            new DdlEffect.RenameCollection("shop.c", "shop.d"));
    assertThat(effects).hasSameSizeAs(DdlEffect.class.getPermittedSubclasses());
    for (DdlEffect effect : effects) {
      like(AuditMessages.type(effect), AuditMessages.ddl(effect));
    }
  }

  /** One of the samples of that type has the same members of the same types in the same order. */
  private static void like(String type, BsonDocument param) {
    List<String> shapes =
        SAMPLES.getOrDefault(type, List.of()).stream().map(AuditMessagesTest::shape).toList();
    assertThat(shapes).as(type).contains(shape(param));
  }

  private static String shape(BsonDocument document) {
    StringBuilder shape = new StringBuilder();
    document.forEach(
        (key, value) -> shape.append(key).append(':').append(value.getBsonType()).append(' '));
    return shape.toString();
  }
}
