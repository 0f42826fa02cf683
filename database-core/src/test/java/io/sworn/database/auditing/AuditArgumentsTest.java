package io.sworn.database.auditing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuditArgumentsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{createUser: 'u', pwd: 'hunter2', roles: []}",
        "{CREATEUSER: 'u', Pwd: 'hunter2'}",
        "{updateUser: 'u', pwd: 'hunter2'}",
        "{saslStart: 1, mechanism: 'PLAIN', payload: 'hunter2'}",
        "{saslContinue: 1, payload: {$binary: {base64: 'aHVudGVyMg==', subType: '00'}}}",
        "{hello: 1, speculativeAuthenticate: {payload: 'hunter2'}}",
        "{authenticate: 1, user: 'u', nonce: 'x', key: 'hunter2'}",
        "{unknownThing: 1, deep: [{password: 'hunter2'}, {x: {token: 'hunter2'}}]}",
        "{insert: '__keyVault', documents: [{keyMaterial: 'hunter2'}]}"
      })
  void secretsAreMaskedAtAnyDepth(String command) {
    String json = AuditArguments.of(BsonDocument.parse(command), 10_000).toJson();
    assertThat(json).doesNotContain("hunter2").doesNotContain("aHVudGVyMg").contains("xxx");
  }

  @Test
  void dataOfUsersStaysWhole() {
    BsonDocument insert =
        BsonDocument.parse("{insert: 'people', documents: [{pwd: 1, payload: [1]}], $db: 'shop'}");
    assertThat(AuditArguments.of(insert, 10_000)).isEqualTo(insert).isNotSameAs(insert);
  }

  @Test
  void whatIsTooLongIsCutAndSaysSo() {
    BsonArray documents = new BsonArray();
    for (int i = 0; i < 1000; i++) {
      documents.add(
          new BsonDocument("_id", new BsonInt32(i)).append("t", new BsonString("x".repeat(90))));
    }
    BsonDocument insert =
        new BsonDocument("insert", new BsonString("c"))
            .append("documents", documents)
            .append("$db", new BsonString("shop"));

    BsonDocument args = AuditArguments.of(insert, 10_000);

    assertThat(BsonBytes.of(args).size()).isLessThan(11_000);
    assertThat(args.getArray("documents")).hasSizeBetween(50, 100);
    assertThat(args.getString("$db").getValue()).isEqualTo("shop");
    BsonDocument cut = args.getDocument("$cut");
    assertThat(cut.getInt32("bytes").getValue()).isEqualTo(BsonBytes.of(insert).size());
    assertThat(cut.getDocument("items").getInt32("documents").getValue()).isEqualTo(1000);
    assertThat(cut.getString("sha256").getValue()).hasSize(64);
  }
}
