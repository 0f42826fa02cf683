package io.sworn.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sworn.database.testing.Arrivals;
import io.sworn.database.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MongoDB's own shell over TLS and SCRAM; runs when system property {@code sworn.mongosh} is set.
 */
final class MongoshIT {

  private static final String SCRIPT =
      """
      const shop = db.getSiblingDB('shop');
      function show(what, value) { print(what + '=' + EJSON.stringify(value)); }
      show('created', shop.createCollection('members').ok);
      show('inserted', shop.members.insertMany([{_id: 1, n: 'a'}, {_id: 2, n: 'b'}]).acknowledged);
      show('found', shop.members.find({_id: 1}).toArray().length);
      show('updated', shop.members.updateOne({_id: 1}, {$set: {n: 'c'}}).matchedCount);
      show('deleted', shop.members.deleteOne({_id: 2}).deletedCount);
      show('index', shop.members.createIndex({n: 1}, {name: 'by_n'}));
      shop.members.dropIndex('by_n');
      show('user', shop.createUser({user: 'ann', pwd: 'Sesame', roles: ['read']}).ok);
      show('users', shop.getUsers().users.length);
      show('collections', shop.getCollectionNames());
      show('dropped', shop.members.drop());
      show('databases', db.adminCommand({listDatabases: 1}).ok);
      function refused(what, code, work) {
        try { const r = work(); print('NOT REFUSED ' + what + ' ' + EJSON.stringify(r)); }
        catch (e) { if (e.code !== code) print('WRONG ' + what + ' ' + e.code + ' ' + e.message); }
      }
      shop.left.insertMany([{_id: 1, n: 1}, {_id: 2, n: 2}]);
      show('union', shop.left.aggregate([{$unionWith: 'left'}, {$count: 'n'}]).toArray()[0].n);
      refused('transaction', undefined, () => { // the driver words the server's 20 anew
        const session = db.getMongo().startSession();
        session.startTransaction();
        session.getDatabase('shop').left.insertOne({_id: 9});
      });
      refused('validator', 72, () => shop.createCollection('v', {validator: {a: 1}}));
      refused('view', 72, () => shop.createView('v', 'left', []));
      refused('capped', 72, () => shop.createCollection('v', {capped: true, size: 1000}));
      refused('time series', 72,
        () => shop.createCollection('v', {timeseries: {timeField: 't'}}));
      refused('encrypted fields', 72,
        () => shop.runCommand({create: 'v', encryptedFields: {fields: []}}));
      refused('text index', 67, () => shop.left.createIndex({n: 'text'}));
      refused('text search', 115, () => shop.left.find({$text: {$search: 'a'}}).toArray());
      refused('collation', 115, () => shop.left.find().collation({locale: 'de'}).toArray());
      refused('change stream', 40573, () => shop.left.watch().tryNext());
      refused('role', 115, () => shop.createRole({role: 'r', privileges: [], roles: []}));
      refused('update pipeline', 115, () => shop.left.updateOne({_id: 1}, [{$set: {a: 1}}]));
      show('left', shop.left.countDocuments());
      """;

  @TempDir Path directory;

  @Test
  void shellDoesWhatPeopleDoWithIt() throws Exception {
    String mongosh = System.getProperty("sworn.mongosh", "");
    assumeTrue(
        !mongosh.isEmpty(), "skipped: -Dsworn.mongosh=<path of mongosh from npm> runs this test");
    try (TestServer server = new TestServer(directory);
        Arrivals arrivals = server.arrivals()) {
      Path output = directory.resolve("output.txt");
      ProcessBuilder builder =
          new ProcessBuilder(
              mongosh,
              "mongodb://127.0.0.1:" + server.port() + "/admin",
              "--tls",
              "--tlsCAFile",
              server.certificate().ca().toString(),
              "--username",
              "admin",
              "--password",
              server.password(),
              "--authenticationDatabase",
              "admin",
              "--norc",
              "--quiet",
              "--eval",
              SCRIPT);
      builder.environment().put("HOME", directory.toString());
      builder.redirectErrorStream(true).redirectOutput(output.toFile());
      Process process = builder.start();
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("mongosh ends").isTrue();
      String text = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(text)
          .contains("created=1")
          .contains("inserted=true")
          .contains("found=1")
          .contains("updated=1")
          .contains("deleted=1")
          .contains("index=\"by_n\"")
          .contains("user=1")
          .contains("users=1")
          .contains("collections=[\"members\"]")
          .contains("dropped=true")
          .contains("databases=1")
          .contains("union=4")
          .contains("left=2")
          .doesNotContain("NOT REFUSED", "WRONG");
      assertThat(process.exitValue()).as(text).isZero();
      Duration delay = arrivals.nineOfTen(server.server().journal().lastSequence());
      System.out.println(
          "nine of ten events of mongosh reach a consumer within " + delay.toMillis() + " ms");
      assertThat(delay).isLessThan(Duration.ofSeconds(1));
      assertThat(server.events().first(e -> e.type().equals("createUser") && e.users().size() == 1))
          .satisfies(e -> assertThat(e.param().toDocument().toJson()).doesNotContain("Sesame"));
    }
  }
}
