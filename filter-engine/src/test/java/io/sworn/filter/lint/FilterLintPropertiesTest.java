package io.sworn.filter.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.mongo.ExtendedJson;
import io.sworn.filter.AuditFilter;
import io.sworn.filter.Decision;
import io.sworn.filter.FilterWarning.Kind;
import io.sworn.filter.InvalidFilterException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

/**
 * What is claimed of a filter is true of every message; of simple filters, all truth is claimed.
 */
class FilterLintPropertiesTest {

  private static final List<String> TYPES =
      List.of("", "A", "a", "aa", "ab", "ab\\u0000", "abc", "ac", "authCheck", "b", "ﬀ");
  private static final List<String> RESULTS =
      List.of("-2147483648", "-1", "0", "1", "2", "3", "13", "14", "2147483647");
  private static final List<String> TIMES = List.of("-1", "0", "1", "2", "3");
  private static final List<String> NAMES = List.of("ann", "bob", "");

  private final List<BsonDocument> scalars = new ArrayList<>();

  FilterLintPropertiesTest() {
    for (String type : TYPES) {
      for (String result : RESULTS) {
        for (String time : TIMES) {
          scalars.add(
              ExtendedJson.parse(
                  "{\"atype\":\"%s\",\"ts\":{\"$date\":{\"$numberLong\":\"%s\"}},\"users\":[],"
                          .formatted(type, time)
                      + "\"roles\":[],\"param\":{},\"result\":%s}".formatted(result)));
        }
      }
    }
  }

  private static String any(SplittableRandom random, List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static String message(SplittableRandom r) {
    if (r.nextInt(6) == 0) {
      return "{\"activity_id\":1,\"class_uid\":3002,\"type_uid\":300201,\"time\":%s,"
              .formatted(any(r, RESULTS))
          + "\"actor\":{\"user\":{\"name\":\"%s\"}},\"severity_id\":1}".formatted(any(r, NAMES));
    }
    boolean percona = r.nextInt(6) == 0;
    String param =
        switch (r.nextInt(4)) {
          case 0 -> "{}";
          case 1 -> "{\"command\":\"%s\",\"ns\":\"a.b\"}".formatted(any(r, NAMES));
          case 2 -> "{\"command\":[\"%s\",%s]}".formatted(any(r, NAMES), any(r, RESULTS));
          default -> "{\"ns\":%s}".formatted(any(r, RESULTS));
        };
    String remote =
        switch (r.nextInt(4)) {
          case 0 -> "{\"ip\":\"%s\",\"port\":%s}".formatted(any(r, NAMES), any(r, RESULTS));
          case 1 -> "{\"unix\":\"%s\"}".formatted(any(r, NAMES));
          case 2 -> "{\"isSystemUser\":true}";
          default -> "{}";
        };
    String users =
        Stream.generate(
                () -> "{\"user\":\"%s\",\"db\":\"%s\"}".formatted(any(r, NAMES), any(r, NAMES)))
            .limit(r.nextInt(3))
            .reduce((a, b) -> a + "," + b)
            .orElse("");
    return "{\"atype\":\"%s\",\"ts\":{\"$date\":{\"$numberLong\":\"%s\"}},"
            .formatted(any(r, TYPES), any(r, TIMES))
        + (r.nextBoolean() ? "\"remote\":" + remote + "," : "")
        + (percona ? "\"users\":{}," : "\"users\":[" + users + "],\"roles\":[],")
        + "\"param\":"
        + param
        + ",\"result\":"
        + any(r, RESULTS)
        + "}";
  }

  private static String literal(SplittableRandom r, String path) {
    int odd = r.nextInt(20);
    if (odd == 0) {
      return r.nextBoolean() ? "null" : "[]";
    }
    if (odd == 1) {
      return r.nextBoolean() ? "{\"$minKey\":1}" : "{\"$maxKey\":1}";
    }
    if (odd == 2) {
      return r.nextBoolean() ? "0.5" : "\"0\"";
    }
    return switch (path) {
      case "atype" -> "\"" + any(r, List.of("", "a", "ab", "abc", "authCheck")) + "\"";
      case "result", "remote.port" -> any(r, List.of("0", "1", "2", "13", "2147483647", "1.5"));
      case "ts" -> "{\"$date\":{\"$numberLong\":\"" + any(r, List.of("0", "1", "2")) + "\"}}";
      default -> "\"" + any(r, NAMES) + "\"";
    };
  }

  private static String condition(SplittableRandom r, String path) {
    String literal = literal(r, path);
    return switch (r.nextInt(13)) {
      case 0, 1 -> "{\"$gt\":" + literal + "}";
      case 2, 3 -> "{\"$lt\":" + literal + "}";
      case 4 -> "{\"$gte\":" + literal + ",\"$lte\":" + literal(r, path) + "}";
      case 5 -> "{\"$ne\":" + literal + "}";
      case 6 -> "{\"$in\":[" + literal + "," + literal(r, path) + "]}";
      case 7 -> "{\"$nin\":[" + literal + "," + literal(r, path) + "]}";
      case 8 -> "{\"$exists\":" + r.nextBoolean() + "}";
      case 9 -> "{\"$regex\":\"" + any(r, List.of("^a", "^ab", "^", "b$", "c", "^a.*")) + "\"}";
      case 10 -> "{\"$not\":" + condition(r, path) + "}";
      case 11 ->
          any(
              r,
              List.of(
                  "{\"$type\":\"string\"}",
                  "{\"$mod\":[2,1]}",
                  "{\"$size\":1}",
                  "{\"$bitsAllSet\":1}",
                  "{\"$type\":\"int\"}",
                  "{\"$cidr\":\"::/0\"}"));
      default -> "{\"$eq\":" + literal + "}";
    };
  }

  private static String filter(SplittableRandom r, int levels, List<String> paths) {
    if (levels == 0 || r.nextInt(4) == 0) {
      String path = any(r, paths);
      return "{\"" + path + "\":" + condition(r, path) + "}";
    }
    String operator = any(r, List.of("$and", "$and", "$or", "$nor"));
    String parts =
        Stream.generate(() -> filter(r, levels - 1, paths))
            .limit(1 + r.nextInt(3))
            .reduce((a, b) -> a + "," + b)
            .orElse("{}");
    return "{\"" + operator + "\":[" + parts + "]}";
  }

  @Property(tries = 3000)
  void whatIsClaimedHoldsOfEveryMessage(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> paths =
        List.of(
            "atype",
            "result",
            "ts",
            "users",
            "users.user",
            "remote",
            "remote.ip",
            "remote.port",
            "param.command",
            "param.ns",
            "atype.x",
            "uuid",
            "class_uid",
            "roles",
            "roles.role");
    List<BsonDocument> messages =
        Stream.generate(() -> ExtendedJson.parse(message(random))).limit(40).toList();
    for (int i = 0; i < 10; i++) {
      try {
        Claims.check(AuditFilter.compile(filter(random, 3, paths)), messages);
      } catch (InvalidFilterException e) {
        // such a filter is refused anyway: the next one
      }
    }
  }

  @Test
  void ofFiltersOnMembersWithOneValueAllTruthIsClaimed() {
    Map<Kind, Integer> claims = new EnumMap<>(Kind.class);
    for (long seed = 0; seed < 1500; seed++) {
      String text = filter(new SplittableRandom(seed), 3, List.of("atype", "result", "ts"));
      if (Stream.of("mod", "bits", "cidr", "\"b$", "\"c\"").anyMatch(text::contains)) {
        continue; // of these it is enough that nothing false is claimed
      }
      AuditFilter filter = AuditFilter.compile(text);
      boolean some = scalars.stream().anyMatch(message -> filter.judge(message) == Decision.KEEP);
      boolean all = scalars.stream().allMatch(message -> filter.judge(message) == Decision.KEEP);
      boolean ocsf = filter.judge(new BsonDocument()) == Decision.KEEP;
      boolean never = Claims.check(filter, scalars).filter(Kind.NEVER_MATCHES::equals).isPresent();
      boolean every = Claims.check(filter, scalars).filter(Kind.MATCHES_ALL::equals).isPresent();
      assertThat(never).as(text).isEqualTo(!some && !ocsf);
      assertThat(every).as(text).isEqualTo(all);
      if (never || every) {
        claims.merge(never ? Kind.NEVER_MATCHES : Kind.MATCHES_ALL, 1, Integer::sum);
      }
    }
    assertThat(claims.get(Kind.NEVER_MATCHES)).isGreaterThan(50);
    assertThat(claims.get(Kind.MATCHES_ALL)).isGreaterThan(50);
  }
}
