package io.sworn.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.mongo.ExtendedJson;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.bson.BsonDocument;

class FilterPropertiesTest {

  private static final List<String> KEYS =
      List.of(
          "a",
          "b",
          "a.b",
          "a.0",
          "a.0.b",
          "$eq",
          "$ne",
          "$gt",
          "$lte",
          "$in",
          "$nin",
          "$not",
          "$regex",
          "$options",
          "$elemMatch",
          "$all",
          "$size",
          "$mod",
          "$type",
          "$exists",
          "$or",
          "$and",
          "$nor",
          "$date",
          "$numberLong",
          "$numberDecimal",
          "$binary",
          "$bitsAllSet");

  private static Arbitrary<String> scalars() {
    return Arbitraries.of(
        "1",
        "0",
        "-1",
        "1.5",
        "9007199254740993",
        "NaN",
        "null",
        "true",
        "\"x\"",
        "\"^a+\"",
        "[]",
        "{}",
        "\"(\"",
        "1e300",
        "{\"$numberDecimal\":\"1\"}",
        "{\"$minKey\":1}");
  }

  @Provide
  Arbitrary<String> documents() {
    return documents(4);
  }

  private static Arbitrary<String> values(int levels) {
    if (levels == 0) {
      return scalars();
    }
    return Arbitraries.oneOf(
        scalars(),
        values(levels - 1).list().ofMaxSize(3).map(items -> "[" + String.join(",", items) + "]"),
        documents(levels - 1));
  }

  private static Arbitrary<String> documents(int levels) {
    return Combinators.combine(
            Arbitraries.of(KEYS).list().uniqueElements().ofMaxSize(2),
            values(levels).list().ofSize(2))
        .as(
            (keys, values) -> {
              StringBuilder out = new StringBuilder("{");
              for (int i = 0; i < keys.size(); i++) {
                out.append(i == 0 ? "" : ",").append('"').append(keys.get(i)).append("\":");
                out.append(values.get(i));
              }
              return out.append('}').toString();
            })
        .withoutEdgeCases();
  }

  private static Decision judge(String filter, BsonDocument message) {
    return AuditFilter.compile(filter).judge(message);
  }

  private static boolean valid(String filter) {
    try {
      AuditFilter.compile(filter).warnings();
      return true;
    } catch (InvalidFilterException e) {
      return false; // the only exception there may be
    }
  }

  @Property(tries = 2000)
  void parsingThrowsNothingElseAndJudgingNothing(
      @ForAll("documents") String filter, @ForAll("documents") String message) {
    BsonDocument document = ExtendedJson.parse("{\"v\":" + message + "}");
    if (valid(filter)) {
      assertThat(judge(filter, document)).isNotNull();
    }
  }

  @Property(tries = 2000)
  void lawsOfLogicHold(
      @ForAll("documents") String f, @ForAll("documents") String g, @ForAll("documents") String m) {
    if (!valid(f) || !valid(g)) {
      return;
    }
    BsonDocument message = ExtendedJson.parse("{\"v\":1,\"a\":" + m + "}");
    Decision a = judge(f, message);
    Decision b = judge(g, message);
    assertThat(judge("{\"$nor\":[" + f + "]}", message)).isEqualTo(a.negated());
    assertThat(judge("{\"$and\":[" + f + "," + g + "]}", message) == Decision.KEEP)
        .isEqualTo(a == Decision.KEEP && b == Decision.KEEP);
    assertThat(judge("{\"$or\":[" + f + "," + g + "]}", message) == Decision.KEEP)
        .isEqualTo(a == Decision.KEEP || b == Decision.KEEP);
  }

  @Property(tries = 1000)
  void numbersAreTotallyOrdered(@ForAll("numbers") String a, @ForAll("numbers") String b) {
    BsonDocument message = ExtendedJson.parse("{\"a\":" + a + "}");
    long holding =
        List.of("$lt", "$eq", "$gt").stream()
            .filter(o -> judge("{\"a\":{\"" + o + "\":" + b + "}}", message) == Decision.KEEP)
            .count();
    assertThat(holding).isEqualTo(1);
  }

  @Provide
  Arbitrary<String> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.integers().map(String::valueOf),
        Arbitraries.longs().map(v -> "{\"$numberLong\":\"" + v + "\"}"),
        Arbitraries.doubles().map(v -> "{\"$numberDouble\":\"" + v + "\"}"),
        Arbitraries.longs().map(v -> "{\"$numberDecimal\":\"" + v + ".5\"}"));
  }
}
