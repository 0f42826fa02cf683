package io.sworn.database.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.bson.BsonArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PipelineWalkerTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "[{$match: {a: 1}}, {$group: {_id: '$a'}}] | FIND db.c",
        "[{$lookup: {from: 'x', as: 'a'}}] | FIND db.c, FIND db.x",
        "[{$lookup: {from: 'x', as: 'a', pipeline: [{$lookup: {from: 'y', as: 'b'}}]}}]"
            + "| FIND db.c, FIND db.x, FIND db.y",
        "[{$lookup: {from: {db: 'other', coll: 'x'}, as: 'a'}}] | FIND db.c, FIND other.x",
        "[{$lookup: {from: {coll: 'x'}, as: 'a'}}] | FIND db.c, FIND db.x",
        "[{$graphLookup: {from: 'x', startWith: 1}}] | FIND db.c, FIND db.x",
        "[{$graphLookup: {from: {db: 'other', coll: 'x'}}}] | FIND db.c, FIND other.x",
        "[{$unionWith: {db: 'other', coll: 'x'}}] | FIND db.c, FIND other.x",
        "[{$unionWith: {coll: {db: 'other', coll: 'x'}}}] | FIND db.c, FIND other.x",
        "[{$unionWith: 'x'}] | FIND db.c, FIND db.x",
        "[{$unionWith: {coll: 'x', pipeline: [{$unionWith: 'y'}]}}]"
            + "| FIND db.c, FIND db.x, FIND db.y",
        "[{$facet: {one: [{$lookup: {from: 'x', as: 'a'}}], two: [{$unionWith: 'y'}]}}]"
            + "| FIND db.c, FIND db.x, FIND db.y",
        "[{$out: 'x'}] | FIND db.c, INSERT db.x, REMOVE db.x",
        "[{$out: {db: 'other', coll: 'x'}}] | FIND db.c, INSERT other.x, REMOVE other.x",
        "[{$merge: 'x'}] | FIND db.c, INSERT db.x, UPDATE db.x",
        "[{$changeStream: {}}] | FIND db.c",
        "[{$merge: {into: 'x', whenMatched: [{$set: {a: 1}}]}}] | FIND db.c, INSERT db.x, UPDATE"
            + " db.x",
        "[{$merge: {into: 'x'}}] | FIND db.c, INSERT db.x, UPDATE db.x",
        "[{$merge: {into: {db: 'other', coll: 'x'}}}]"
            + "| FIND db.c, INSERT other.x, UPDATE other.x",
        "[{$facet: {one: [{$out: 'x'}]}}] | FIND db.c, INSERT db.x, REMOVE db.x",
        "[{$indexStats: {}}] | FIND db.c, INDEX_STATS db.c",
      })
  void findsEveryNamespace(String pipeline, String expected) {
    List<String> needs =
        PipelineWalker.needs("db", "c", BsonArray.parse(pipeline)).stream()
            .map(need -> need.action() + " " + need.resource().namespace())
            .toList();
    assertThat(String.join(", ", needs)).isEqualTo(expected.trim());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{$currentOp: {}}]",
        "[{$listSessions: {}}]",
        "[{$documents: []}]",
        "[{$LOOKUP: {from: 'x'}}]",
        "[{$future: {}}]",
        "[{$facet: {a: [{$lookup: {from: 'x', pipeline: [{$future: 1}]}}]}}]",
        "[{$lookup: {from: {db: 'other'}, as: 'a'}}]",
        "[{$lookup: {as: 'a', pipeline: []}}]",
        "[{$lookup: 'x'}]",
        "[{$out: 5}]",
        "[{$out: {coll: 'x'}}]",
        "[{$merge: {into: 5}}]",
        "[{$merge: {}}]",
        "[{$merge: {into: 'x', whenMatched: [{$lookup: {from: 'y', as: 'a'}}]}}]",
        "[{$unionWith: {pipeline: []}}]",
        "[{$match: {}, $out: 'x'}]",
        "[{}]",
        "['$out']",
        "[{$facet: {a: {}}}]",
        "[{$lookup: {from: '$cmd', as: 'a'}}]"
      })
  void whatIsNotUnderstoodIsRefused(String pipeline) {
    assertThatThrownBy(() -> PipelineWalker.needs("db", "c", BsonArray.parse(pipeline)))
        .isInstanceOf(CommandException.class);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"115, $currentOp", "115, $vectorSearch", "40324, $LOOKUP", "40324, $future"})
  void aStageThatMongodHasIsNotCalledUnknown(int code, String stage) {
    assertThatThrownBy(
            () -> PipelineWalker.needs("db", "c", BsonArray.parse("[{" + stage + ": {}}]")))
        .hasMessageContaining(stage)
        .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void nestingAndLengthAreBounded() {
    String deep = "[]";
    for (int i = 0; i < 30; i++) {
      deep = "[{$unionWith: {coll: 'x', pipeline: " + deep + "}}]";
    }
    BsonArray nested = BsonArray.parse(deep);
    assertThatThrownBy(() -> PipelineWalker.needs("db", "c", nested))
        .hasMessageContaining("nested");
    BsonArray manyStages =
        BsonArray.parse("[" + "{$match: {}},".repeat(1001).replaceAll(",$", "") + "]");
    assertThatThrownBy(() -> PipelineWalker.needs("db", "c", manyStages))
        .hasMessageContaining("1000");
  }
}
