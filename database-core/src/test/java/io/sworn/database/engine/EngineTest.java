package io.sworn.database.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.database.storage.HeldRecord;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineTest {

  @TempDir Path directory;

  private final byte[] key = new byte[32];
  private final List<DdlEffect> effects = new ArrayList<>();
  private Engine engine;

  @BeforeEach
  void open() {
    engine = Engine.open(directory, key);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private BsonDocument run(String json) {
    return runAs("me", json);
  }

  private BsonDocument runAs(Object owner, String json) {
    BsonDocument body = BsonDocument.parse(json);
    return engine.run(new EngineCommand("test", body.getFirstKey(), body, owner), effects::addAll);
  }

  private BsonDocument ok(String json) {
    BsonDocument reply = run(json);
    assertThat(reply.getDouble("ok").getValue()).as("%s -> %s", json, reply).isEqualTo(1.0);
    return reply;
  }

  private BsonArray found(String json) {
    return ok(json).getDocument("cursor").getArray("firstBatch");
  }

  private void insertNumbers(int count) {
    BsonArray documents = new BsonArray();
    for (int i = 0; i < count; i++) {
      documents.add(new BsonDocument("_id", new BsonInt32(i)).append("n", new BsonInt32(i % 10)));
    }
    BsonDocument body =
        new BsonDocument("insert", new BsonString("c")).append("documents", documents);
    engine.run(new EngineCommand("test", "insert", body, "me"), effects::addAll);
  }

  @Test
  void whatIsWrittenIsFoundAlsoAfterReopening() {
    ok("{insert: 'c', documents: [{_id: 1, a: 'x'}, {_id: 2, a: ['x', 'y']}, {_id: 3, a: 5.5}]}");
    ok("{update: 'c', updates: [{q: {_id: 1}, u: {$set: {b: 7}}}]}");
    ok("{delete: 'c', deletes: [{q: {_id: 3}, limit: 1}]}");
    close();
    open();
    assertThat(found("{find: 'c', filter: {a: 'x'}}"))
        .containsExactly(
            BsonDocument.parse("{_id: 1, a: 'x', b: 7}"),
            BsonDocument.parse("{_id: 2, a: ['x', 'y']}"));
    assertThat(ok("{count: 'c'}").getInt32("n").getValue()).isEqualTo(2);
  }

  @Test
  void implicitCreationsAreReportedBeforeTheCommit() {
    ok("{insert: 'c', documents: [{_id: 1}]}");
    assertThat(effects)
        .containsExactly(
            new DdlEffect.CreateDatabase("test"),
            new DdlEffect.CreateCollection("test.c", new BsonDocument()));
    effects.clear();
    ok("{update: 'd', updates: [{q: {_id: 1}, u: {$set: {a: 1}}, upsert: true}]}");
    ok("{aggregate: 'c', pipeline: [{$out: 'e'}], cursor: {}}");
    ok("{aggregate: 'c', pipeline: [{$merge: {into: 'f'}}], cursor: {}}");
    ok("{createIndexes: 'g', indexes: [{key: {a: 1}, name: 'a_1'}]}");
    assertThat(effects)
        .filteredOn(DdlEffect.CreateCollection.class::isInstance)
        .extracting(e -> ((DdlEffect.CreateCollection) e).namespace())
        .containsExactly("test.d", "test.e", "test.f", "test.g");
    assertThat(found("{find: 'e'}")).hasSize(1);
    assertThat(found("{find: 'f'}")).hasSize(1);
  }

  @Test
  void anEffectThatCannotBeAuditedUndoesTheCommand() {
    BsonDocument body = BsonDocument.parse("{insert: 'c', documents: [{_id: 1}]}");
    BsonDocument reply =
        engine.run(
            new EngineCommand("test", "insert", body, "me"),
            list -> {
              throw new IllegalStateException("journal full");
            });
    assertThat(reply.getDouble("ok").getValue()).isZero();
    assertThat(engine.databaseExists("test")).isFalse();
    ok("{insert: 'c', documents: [{_id: 1}]}");
    assertThat(ok("{count: 'c'}").getInt32("n").getValue()).isEqualTo(1);
  }

  /** Records as a journal keeps them: pending until durable, releasable when told. */
  private static class Records implements CommitRecords {
    private final List<HeldRecord> pending = new ArrayList<>();
    private boolean broken;
    private long durable;
    private long releasable;

    void append(long sequence, String text) {
      pending.add(new HeldRecord(sequence, text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public List<HeldRecord> pending() {
      if (broken) {
        throw new IllegalStateException("no journal");
      }
      return pending.stream().filter(r -> r.sequence() > durable).toList();
    }

    @Override
    public void durable(long upTo) {
      durable = Math.max(durable, upTo);
    }

    @Override
    public long releasable() {
      return releasable;
    }
  }

  private List<Long> held() {
    return engine.heldRecords().stream().map(HeldRecord::sequence).toList();
  }

  @Test
  void nothingIsCommittedWithoutTheRecordsThatBelongToIt() {
    Records records = new Records();
    engine.commitWith(records);
    ok("{insert: 'c', documents: [{_id: 1}]}");
    records.broken = true;
    assertThat(run("{insert: 'd', documents: [{_id: 1}]}").getDouble("ok").getValue()).isZero();
    assertThat(run("{insert: 'c', documents: [{_id: 2}]}").getDouble("ok").getValue()).isZero();
    records.broken = false;
    assertThat(engine.collections("test")).containsExactly("c");
    assertThat(ok("{count: 'c'}").getInt32("n").getValue()).isEqualTo(1);
    ok("{insert: 'c', documents: [{_id: 2}]}");
  }

  @Test
  void aCommitTakesItsRecordsAlongAndHoldsThemUntilTheyAreReleased() {
    Records records = new Records();
    engine.commitWith(records);
    records.append(1, "one");
    records.append(2, "two");
    ok("{insert: 'c', documents: [{_id: 1}]}");
    assertThat(records.durable).isEqualTo(2);
    close();
    open();
    assertThat(held()).containsExactly(1L, 2L);
    assertThat(engine.heldRecords().get(1).bytes()).asString().isEqualTo("two");
    engine.commitWith(records);
    records.append(3, "three");
    records.releasable = 1;
    ok("{insert: 'c', documents: [{_id: 2}]}");
    assertThat(held()).containsExactly(2L, 3L);
  }

  @Test
  void readsAndLaterWritesGoOnWhileACommitIsMadeDurable() throws Exception {
    ok("{insert: 'c', documents: [{_id: 1}]}");
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Records slow =
        new Records() {
          @Override
          public void durable(long upTo) {
            reached.countDown();
            awaitUninterruptibly(goOn);
          }
        };
    engine.commitWith(slow);
    ExecutorService writers = Executors.newFixedThreadPool(2);
    try {
      Future<BsonDocument> first = writers.submit(() -> ok("{insert: 'c', documents: [{_id: 2}]}"));
      assertThat(reached.await(10, TimeUnit.SECONDS)).isTrue();
      Future<BsonDocument> second =
          writers.submit(() -> ok("{insert: 'c', documents: [{_id: 3}]}"));
      int seen = 0;
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (seen < 3 && System.nanoTime() < deadline) {
        seen = ok("{count: 'c'}").getInt32("n").getValue(); // returns while both wait for the disk
      }
      assertThat(seen).isEqualTo(3);
      assertThat(first.isDone()).isFalse();
      assertThat(second.isDone()).isFalse();
      goOn.countDown();
      first.get(10, TimeUnit.SECONDS);
      second.get(10, TimeUnit.SECONDS);
    } finally {
      goOn.countDown();
      writers.shutdown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void insertCountsOnlyWhatWentIn() {
    BsonDocument reply =
        ok("{insert: 'c', documents: [{_id: 1}, {_id: 1}, {_id: 2}], ordered: false}");
    assertThat(reply.getInt32("n").getValue()).isEqualTo(2);
    BsonDocument error = reply.getArray("writeErrors").get(0).asDocument();
    assertThat(error.getInt32("index").getValue()).isEqualTo(1);
    assertThat(error.getInt32("code").getValue()).isEqualTo(11000);
    reply = ok("{insert: 'c', documents: [{_id: 3}, {_id: 1}, {_id: 4}]}");
    assertThat(reply.getInt32("n").getValue()).isEqualTo(1);
  }

  @Test
  void findOnUnknownNamesCreatesNothing() {
    assertThat(found("{find: 'nowhere'}")).isEmpty();
    ok("{update: 'nowhere', updates: [{q: {}, u: {$set: {a: 1}}}]}");
    ok("{delete: 'nowhere', deletes: [{q: {}, limit: 0}]}");
    assertThat(engine.databases()).isEmpty();
  }

  @Test
  void cursorsAreRandomBoundToOwnerAndNamespaceAndHonourBatchSize() {
    insertNumbers(300);
    BsonDocument cursor = ok("{find: 'c'}").getDocument("cursor");
    assertThat(cursor.getArray("firstBatch")).hasSize(101);
    long id = cursor.getInt64("id").getValue();
    assertThat(id).isGreaterThan(1_000_000);
    String more = "{getMore: {$numberLong: '" + id + "'}, collection: 'c', batchSize: 50}";
    assertThat(runAs("other", more).getInt32("code").getValue()).isEqualTo(43);
    assertThat(run(more.replace("'c'", "'d'")).getInt32("code").getValue()).isEqualTo(13);
    assertThat(ok(more).getDocument("cursor").getArray("nextBatch")).hasSize(50);
    engine.endSession("me");
    assertThat(run(more).getInt32("code").getValue()).isEqualTo(43);
    assertThat(
            ok("{aggregate: 'c', pipeline: [], cursor: {batchSize: 7}}")
                .getDocument("cursor")
                .getArray("firstBatch"))
        .hasSize(7);
  }

  @Test
  void indexesFindTheSameAsAScanAndUniqueOnesRefuse() {
    insertNumbers(100);
    BsonArray scanned = found("{find: 'c', filter: {n: {$gte: 8}}, batchSize: 500}");
    ok("{createIndexes: 'c', indexes: [{key: {n: 1}, name: 'n_1'}]}");
    assertThat(found("{find: 'c', filter: {n: {$gte: 8}}, sort: {_id: 1}, batchSize: 500}"))
        .containsExactlyInAnyOrderElementsOf(scanned);
    assertThat(found("{find: 'c', filter: {n: {$in: [1, 2]}}}")).hasSize(20);
    ok("{createIndexes: 'u', indexes: [{key: {a: 1}, name: 'a_1', unique: true}]}");
    ok("{insert: 'u', documents: [{_id: 1, a: 1}]}");
    assertThat(ok("{insert: 'u', documents: [{_id: 2, a: 1.0}]}")).containsKey("writeErrors");
    assertThat(ok("{update: 'u', updates: [{q: {_id: 3}, u: {$set: {a: 1}}, upsert: true}]}"))
        .containsKey("writeErrors");
    ok("{dropIndexes: 'c', index: 'n_1'}");
    assertThat(run("{dropIndexes: 'c', index: 'n_1'}").getInt32("code").getValue()).isEqualTo(27);
  }

  @Test
  void cheapRewritesWork() {
    ok("{insert: 'c', documents: [{_id: 1, a: 1}]}");
    assertThat(found("{aggregate: 'c', pipeline: [{$set: {b: 2}}, {$unset: 'a'}], cursor: {}}"))
        .containsExactly(BsonDocument.parse("{_id: 1, b: 2}"));
    assertThat(found("{aggregate: 'c', pipeline: [{$replaceWith: {z: '$a'}}], cursor: {}}"))
        .containsExactly(BsonDocument.parse("{z: 1}"));
  }

  @Test
  void renameAndDropsAreReportedAndUndoTogether() {
    ok("{insert: 'c', documents: [{_id: 1}]}");
    effects.clear();
    ok("{renameCollection: 'test.c', to: 'test.d'}");
    ok("{drop: 'd'}");
    ok("{insert: 'e', documents: [{_id: 1}]}");
    ok("{dropDatabase: 1}");
    assertThat(effects)
        .contains(
            new DdlEffect.RenameCollection("test.c", "test.d"),
            new DdlEffect.DropCollection("test.d"),
            new DdlEffect.DropCollection("test.e"),
            new DdlEffect.DropDatabase("test"));
    assertThat(engine.databases()).isEmpty();
  }

  @Test
  void aCommandEndsWhenItsTimeIsOverAndAWriteIsTakenBack() {
    insertNumbers(2_000);
    String slow = "pipeline: [{$lookup: {from: 'c', localField: 'n', foreignField: 'n', as: 'x'}}]";
    long begin = System.nanoTime();
    assertThat(run("{aggregate: 'c', " + slow + ", cursor: {}, maxTimeMS: 20}"))
        .containsEntry("code", new BsonInt32(50));
    assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
    BsonDocument reply =
        run("{update: 'c', updates: [{q: {}, u: {$set: {m: 1}}, multi: true}], maxTimeMS: 1}");
    assertThat(reply.toJson()).contains("\"code\": 50");
    assertThat(ok("{count: 'c', query: {m: 1}}").getInt32("n").getValue()).isZero();
    assertThat(ok("{count: 'c', query: {n: 1}, maxTimeMS: 60000}").getInt32("n").getValue())
        .isEqualTo(200);
    assertThat(run("{count: 'c', maxTimeMS: -1}")).containsEntry("code", new BsonInt32(2));
  }

  @Test
  void readersNeverSeeHalfOfAChange() throws Exception {
    BsonDocument wide = new BsonDocument("_id", new BsonInt32(1));
    for (int i = 0; i < 300; i++) {
      wide.append("f" + i, new BsonInt32(0));
    }
    ok("{insert: 'hot', documents: [" + wide.toJson() + "]}");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int w = 0; w < 2; w++) {
        writers.add(
            threads.submit(
                () -> {
                  for (int n = 1; n <= 40; n++) {
                    BsonDocument fields = new BsonDocument();
                    for (int i = 0; i < 300; i++) {
                      fields.append("f" + i, new BsonInt32(n));
                    }
                    ok("{update: 'hot', updates: [{q: {_id: 1}, u: {$set: " + fields + "}}]}");
                  }
                }));
      }
      while (!writers.stream().allMatch(Future::isDone)) {
        BsonDocument seen = found("{find: 'hot'}").get(0).asDocument();
        assertThat(
                seen.entrySet().stream()
                    .filter(field -> field.getKey().startsWith("f"))
                    .map(java.util.Map.Entry::getValue)
                    .distinct())
            .hasSize(1);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a: {$regex: '^x'}} | 1,3",
        "{a: {$regex: '^X', $options: 'i'}} | 1,3",
        "{a: {$regex: '^x', $ne: 'xy'}} | 3",
        "{a: {$regex: '5'}} | ",
        "{a: {$regularExpression: {pattern: '5', options: ''}}} | ",
        "{a: {$not: {$regex: '^x'}}} | 2,4,5",
        "{a: {$in: ['q', 'z']}} | 3",
        "{a: {$all: [{$regularExpression: {pattern: '^x', options: ''}}, 'z']}} | 3",
        "{a: {$elemMatch: {$regex: '^z'}}} | 3",
        "{$or: [{a: {$regex: 'y$'}}, {a: 5}]} | 1,2",
        "{'b.c': {$regex: '^k'}} | 5"
      })
  void regularExpressionsMatchTextAndNothingElse(String filter, @Nullable String expected) {
    ok(
        "{insert: 'c', documents: [{_id: 1, a: 'xy'}, {_id: 2, a: 5}, {_id: 3, a: ['xa', 'z']},"
            + " {_id: 4}, {_id: 5, b: [{c: 'kk'}, {c: 7}]}]}");
    assertThat(
            found("{find: 'c', sort: {_id: 1}, filter: " + filter + "}").stream()
                .map(d -> String.valueOf(d.asDocument().getInt32("_id").getValue())))
        .containsExactly(expected == null ? new String[0] : expected.split(","));
  }

  @Test
  void aRegularExpressionThatBacktracksWithoutEndIsGivenUp() {
    ok("{insert: 'c', documents: [{_id: 1, a: '" + "a".repeat(60) + "!'}]}");
    String pattern = "'^(a+)+b\\\\1$'";
    for (String filter :
        List.of(
            "{a: {$regex: " + pattern + "}}",
            "{a: {$regularExpression: {pattern: " + pattern + ", options: ''}}}",
            "{$nor: [{a: {$not: {$regex: " + pattern + "}}}]}")) {
      assertThat(run("{find: 'c', filter: " + filter + "}"))
          .as(filter)
          .containsEntry("code", new BsonInt32(51156));
    }
    assertThat(run("{find: 'c', filter: {a: {$regex: '('}}}"))
        .containsEntry("code", new BsonInt32(51091));
  }

  @Test
  void graphLookupFollowsCirclesOnceToTheDepthThatIsAsked() {
    ok(
        "{insert: 'staff', documents: [{_id: 1, name: 'a', boss: 'c'}, {_id: 2, name: 'b', boss:"
            + " 'a'}, {_id: 3, name: 'c', boss: ['b', 'nobody']}, {_id: 4, name: 'd'}]}");
    String lookup =
        "{$graphLookup: {from: 'staff', startWith: '$boss', connectFromField: 'boss',"
            + " connectToField: 'name', as: 'line', depthField: 'n'";
    assertThat(line(lookup + "}}", 2)).containsExactly("a 0", "c 1", "b 2");
    assertThat(line(lookup + ", maxDepth: 1}}", 2)).containsExactly("a 0", "c 1");
    assertThat(line(lookup + ", restrictSearchWithMatch: {_id: {$lt: 3}}}}", 2))
        .containsExactly("a 0");
    assertThat(line(lookup + "}}", 4)).isEmpty();
    assertThat(run("{aggregate: 'staff', pipeline: [{$graphLookup: {from: 'x'}}], cursor: {}}"))
        .containsEntry("code", new BsonInt32(9));
  }

  private List<String> line(String lookup, int id) {
    String pipeline = "[{$match: {_id: " + id + "}}, " + lookup + "]";
    return found("{aggregate: 'staff', pipeline: " + pipeline + ", cursor: {}}")
        .get(0)
        .asDocument()
        .getArray("line")
        .stream()
        .map(BsonValue::asDocument)
        .map(d -> d.getString("name").getValue() + " " + d.getInt64("n").getValue())
        .toList();
  }

  @Test
  void unionsFollowEachOtherAndTheStagesAfterThemSeeAll() {
    ok("{insert: 'a', documents: [{_id: 1, n: 1}, {_id: 2, n: 2}]}");
    ok("{insert: 'b', documents: [{_id: 3, n: 3}, {_id: 4, n: 4}]}");
    String unions =
        "[{$match: {n: 2}}, {$unionWith: {coll: 'b', pipeline: [{$match: {n: {$gt: 3}}},"
            + " {$unionWith: 'a'}]}}, {$unionWith: 'nowhere'}, {$sort: {n: -1}}, {$project: {_id:"
            + " 1}}]";
    assertThat(found("{aggregate: 'a', pipeline: " + unions + ", cursor: {}}"))
        .extracting(document -> document.asDocument().getInt32("_id").getValue())
        .containsExactly(4, 2, 2, 1);
    ok("{aggregate: 'a', pipeline: [{$unionWith: 'b'}, {$out: 'all'}], cursor: {}}");
    assertThat(ok("{count: 'all'}").getInt32("n").getValue()).isEqualTo(4);
  }

  @Test
  void aFilterOnAFieldNamedQueryDeletesWhatItSays() {
    ok("{insert: 'c', documents: [{_id: 1, query: {a: 1}}, {_id: 2, a: 1}]}");
    ok("{delete: 'c', deletes: [{q: {query: {a: 1}}, limit: 0}]}");
    assertThat(found("{find: 'c'}")).containsExactly(BsonDocument.parse("{_id: 2, a: 1}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "72 | {create: 'c', validator: {a: 1}}",
        "72 | {create: 'c', viewOn: 'd', pipeline: []}",
        "72 | {create: 'c', timeseries: {timeField: 't'}}",
        "72 | {create: 'c', clusteredIndex: {key: {_id: 1}, unique: true}}",
        "72 | {create: 'c', encryptedFields: {fields: []}}",
        "72 | {create: 'c', capped: true, size: 1000}",
        "2 | {find: 'known', hint: 'nothing'}",
        "67 | {createIndexes: 'c', indexes: [{key: {a: 1}, name: 'a', expireAfterSeconds: 1}]}",
        "67 | {createIndexes: 'c', indexes: [{key: {a: 1}, name: 'a', partialFilterExpression: {b: 1}}]}",
        "67 | {createIndexes: 'c', indexes: [{key: {a: 'text'}, name: 'a'}]}",
        "67 | {createIndexes: 'c', indexes: [{key: {a: '2dsphere'}, name: 'a'}]}",
        "67 | {createIndexes: 'c', indexes: [{key: {a: 1}, name: 'a', hidden: true}]}",
        "115 | {createIndexes: 'c', indexes: [{key: {a: 1}, name: 'a', collation: {locale: 'de'}}]}",
        "115 | {findAndModify: 'c', update: [{$set: {a: 1}}]}",
        "40324 | {aggregate: 'c', pipeline: [{$nonsense: 1}], cursor: {}}",
        "40573 | {aggregate: 'c', pipeline: [{$changeStream: {}}], cursor: {}}",
        "115 | {aggregate: 'c', pipeline: [{$facet: {a: [{$unionWith: 'd'}]}}], cursor: {}}",
        "51047 | {aggregate: 'c', pipeline: [{$unionWith: {coll: 'd', pipeline: [{$out: 'e'}]}}], cursor: {}}",
        "9 | {aggregate: 'c', pipeline: [{$unionWith: {coll: 'd', other: 1}}], cursor: {}}",
        "9 | {aggregate: 'c', pipeline: [{$unionWith: {db: 'x', coll: 'd'}}], cursor: {}}",
        "9 | {aggregate: 'c', pipeline: [{$lookup: {from: {db: 'x', coll: 'd'}, localField: 'a',"
            + " foreignField: 'b', as: 'e'}}], cursor: {}}",
        "9 | {aggregate: 'c', pipeline: [{$lookup: {db: 'x', from: 'd', localField: 'a',"
            + " foreignField: 'b', as: 'e'}}], cursor: {}}",
        "9 | {aggregate: 'c', pipeline: [{$graphLookup: {from: {db: 'x', coll: 'd'}, startWith: '$a',"
            + " connectFromField: 'a', connectToField: 'b', as: 'e'}}], cursor: {}}",
        "115 | {aggregate: 'known', pipeline: [{$setWindowFields: {}}], cursor: {}}",
        "115 | {find: 'c', filter: {$where: '1'}}",
        "115 | {find: 'c', filter: {$text: {$search: 'a'}}}",
        "115 | {find: 'c', filter: {$jsonSchema: {}}}",
        "2 | {find: 'c', filter: {a: {$nonsense: 1}}}",
        "115 | {find: 'c', projection: {a: {$add: [1, 2]}}}",
        "59 | {nonsense: 1}",
        "73 | {create: 'system.users'}",
      })
  void whatCannotBeDoneRightIsRefused(int code, String json) {
    ok("{insert: 'known', documents: [{_id: 1}]}");
    BsonDocument reply = run(json);
    assertThat(reply.getDouble("ok").getValue()).as("%s", reply).isZero();
    assertThat(reply.getInt32("code").getValue()).as("%s", reply).isEqualTo(code);
    assertThat(engine.collections("test")).containsExactly("known");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "115 | expression $dateTrunc | {$project: {a: {$dateTrunc: {date: '$d', unit: 'day'}}}}",
        "115 | expression $function | {$addFields: {a: {$concat: [{$function: {}}]}}}",
        "115 | expression $switch | {$match: {$expr: {$switch: {}}}}",
        "115 | expression $stdDevPop | {$group: {_id: null, a: {$stdDevPop: '$a'}}}",
        "115 | expression $let | {$facet: {x: [{$project: {a: {$let: {}}}}]}}",
        "168 | '$dateTrunk' | {$addFields: {a: {$dateTrunk: 1}}}",
        "15952 | '$stdDevPup' | {$group: {_id: null, a: {$stdDevPup: '$a'}}}",
      })
  void anExpressionThatMongodHasIsNotCalledUnknown(int code, String text, String stage) {
    ok("{insert: 'c', documents: [{_id: 1, a: 1}]}");
    BsonDocument reply = run("{aggregate: 'c', pipeline: [" + stage + "], cursor: {}}");
    assertThat(reply.getInt32("code").getValue()).as("%s", reply).isEqualTo(code);
    assertThat(reply.getString("errmsg").getValue()).contains(text);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{$gt: ['$a', '$b']} | 1",
        "{$cond: [{$gt: ['$a', '$b']}, false, true]} | 2,3",
        "{$subtract: ['$a', '$b']} | 1",
        "\"$b\" | 1,2",
        "{$and: ['$b', {$isArray: [['$a']]}]} | 1,2",
      })
  void anyExpressionCanBeAFilter(String expression, String expected) {
    ok("{insert: 'c', documents: [{_id: 1, a: 2, b: 1}, {_id: 2, a: 1, b: 1}, {_id: 3}]}");
    assertThat(
            found("{find: 'c', sort: {_id: 1}, filter: {$expr: " + expression + "}}").stream()
                .map(d -> String.valueOf(d.asDocument().getInt32("_id").getValue())))
        .containsExactly(expected.split(","));
  }

  @Test
  void whatMongodHasIsNamedInTheErrorOfAWriteToo() {
    ok("{insert: 'c', documents: [{_id: 1, a: 1}]}");
    BsonDocument reply =
        ok("{update: 'c', updates: [{q: {$expr: {$dateTrunc: {}}}, u: {$set: {a: 2}}}]}");
    assertThat(reply.getArray("writeErrors").get(0).asDocument())
        .containsEntry("code", new BsonInt32(115))
        .containsEntry(
            "errmsg", new BsonString("expression $dateTrunc is not supported by this server"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "9 | {$set: {'a.$[x]': 5}}, arrayFilters: [{'y': 1}] | The array filter for identifier 'y'",
        "2 | {$set: {'b.$[x]': 5}}, arrayFilters: [{'x': 1}] | The path 'b' must exist"
      })
  void anArrayFilterIsRefusedInTheNameOfTheCommandThatWasSent(int code, String change, String why) {
    ok("{insert: 'c', documents: [{_id: 1, a: [1, 2]}]}");
    BsonDocument reply = ok("{update: 'c', updates: [{q: {_id: 1}, u: " + change + "}]}");
    BsonDocument error = reply.getArray("writeErrors").get(0).asDocument();
    assertThat(error.getInt32("code").getValue()).isEqualTo(code);
    assertThat(error.getString("errmsg").getValue()).startsWith(why);
    reply = run("{findAndModify: 'c', query: {_id: 1}, update: " + change + "}");
    assertThat(reply.getInt32("code").getValue()).isEqualTo(code);
    assertThat(reply.getString("errmsg").getValue()).contains(why);
  }

  @Test
  void nothingIsReadableOnDiskAndAWrongKeyOpensNothing() throws IOException {
    ok("{insert: 'secretplace', documents: [{_id: 1, a: 'secretvalue'}]}");
    close();
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain("secret")
            .doesNotContain("SQLite format");
      }
    }
    byte[] wrong = new byte[32];
    wrong[0] = 1;
    assertThatThrownBy(() -> Engine.open(directory, wrong)).isInstanceOf(SwornException.class);
    open();
  }

  @Test
  void recordsOfTheServerSurviveAndStayOutOfReach() {
    engine.systemStore().put("user", "admin.a", BsonDocument.parse("{x: 1}"));
    close();
    open();
    assertThat(engine.systemStore().get("user", "admin.a")).contains(BsonDocument.parse("{x: 1}"));
    assertThat(engine.databases()).isEmpty();
    assertThat(engine.systemStore().delete("user", "admin.a")).isTrue();
    assertThat(engine.systemStore().list("user")).isEmpty();
  }
}
