package io.sworn.database.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.database.authorization.CommandException;
import io.sworn.database.authorization.CommandRule;
import io.sworn.database.authorization.CommandTable;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command of the server has a list of its fields, and keeps to it. */
final class CommandFieldsTest {

  /** Further fields are names of sections and parameters, or MongoDB ignores them, too. */
  private static final Set<String> OPEN =
      Set.of("hello", "isMaster", "ping", "serverStatus", "getParameter", "setParameter");

  /** Only for commands of API version 1; see the test of its own. */
  private static final String GENERIC =
      "{lsid: {id: 1}, $db: 'shop', comment: {a: 1}, maxTimeMS: 5000,"
          + " readConcern: {level: 'majority'}, writeConcern: {w: 'majority', j: true},"
          + " $readPreference: {mode: 'secondaryPreferred'}, $clusterTime: {}, apiVersion: '1',"
          + " apiStrict: false, apiDeprecationErrors: true}";

  static Stream<Map.Entry<String, CommandRule>> commands() {
    return CommandTable.all().entrySet().stream().filter(e -> e.getValue().supported());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void aFieldThatIsNotKnownIsRefused(Map.Entry<String, CommandRule> command) {
    String spelled = command.getKey();
    String name = command.getValue().name();
    BsonDocument body = new BsonDocument(spelled, new BsonInt32(1));
    CommandFields.check(name, spelled, body);
    body.append("surprise", BsonBoolean.TRUE);
    if (OPEN.contains(name)) {
      CommandFields.check(name, spelled, body);
    } else {
      assertThatThrownBy(() -> CommandFields.check(name, spelled, body))
          .isInstanceOfSatisfying(
              CommandException.class, e -> assertThat(e.code()).isEqualTo(40415))
          .hasMessage("BSON field '" + name + ".surprise' is an unknown field.");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void argumentsThatGoWithEveryCommandAreTaken(Map.Entry<String, CommandRule> command) {
    String name = command.getValue().name();
    BsonDocument body = new BsonDocument(command.getKey(), new BsonInt32(1));
    body.putAll(BsonDocument.parse(GENERIC));
    CommandFields.check(name, command.getKey(), body);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("commands")
  void whatNoServerAloneCanHonourIsRefused(Map.Entry<String, CommandRule> command) {
    Map<String, Integer> refused =
        Map.of(
            "txnNumber: 1", 20,
            "startTransaction: true", 20,
            "autocommit: false", 20,
            "encryptionInformation: {}", 115,
            "readConcern: {level: 'snapshot'}", 72,
            "writeConcern: {w: 2}", 2,
            "writeConcern: {w: 'elsewhere'}", 2,
            "apiVersion: '2'", 322,
            "apiStrict: true", 4886600);
    refused.forEach(
        (argument, code) -> {
          BsonDocument body = new BsonDocument(command.getKey(), new BsonString("c"));
          body.putAll(BsonDocument.parse("{" + argument + "}"));
          assertThat(code(command.getValue().name(), command.getKey(), body))
              .as(argument)
              .isEqualTo(code);
        });
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | {find: 'c', apiVersion: '1', apiStrict: true}",
        "323 | {createUser: 'c', apiVersion: '1', apiStrict: true}",
        "115 | {find: 'c', let: {a: 1}}",
        "0 | {find: 'c', let: {}}",
        "115 | {find: 'c', collation: {locale: 'de'}}",
        "0 | {find: 'c', collation: {locale: 'simple'}}",
        "40415 | {drop: 'c', collation: {locale: 'simple'}}",
        "115 | {find: 'c', tailable: true}",
        "0 | {find: 'c', tailable: false}",
        "40415 | {find: 'c', explain: true}",
        "115 | {aggregate: 'c', pipeline: [], explain: true}",
        "115 | {createUser: 'u', authenticationRestrictions: [{clientSource: ['127.0.0.1']}]}",
        "0 | {createUser: 'u', authenticationRestrictions: []}",
        "115 | {usersInfo: 1, filter: {user: 'a'}}",
        "115 | {usersInfo: 1, showPrivileges: true}",
        "40415 | {find: 'c', shardVersion: {}}",
        "40415 | {createUser: 'u', $audit: {}}",
      })
  void optionsAreHonouredOrRefused(int code, String json) {
    BsonDocument body = BsonDocument.parse(json);
    assertThat(code(body.getFirstKey(), body.getFirstKey(), body)).isEqualTo(code);
  }

  @Test
  void aFieldThatIsNamedLikeTheCommandIsNotTakenTwice() {
    BsonDocument body = BsonDocument.parse("{deleteIndexes: 'c', dropIndexes: 'd', index: '*'}");
    assertThat(code("dropIndexes", "deleteIndexes", body)).isEqualTo(40415);
  }

  private static int code(String command, String spelled, BsonDocument body) {
    try {
      CommandFields.check(command, spelled, body);
      return 0;
    } catch (CommandException e) {
      return e.code();
    }
  }
}
