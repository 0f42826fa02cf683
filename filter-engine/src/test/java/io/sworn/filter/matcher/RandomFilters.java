package io.sworn.filter.matcher;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;

/**
 * Filters and messages at random, from so few names and values that they often meet. The same seed
 * gives the same ones.
 */
final class RandomFilters {

  private static final List<String> NAMES = List.of("a", "b", "0", "1", "user");
  private static final List<String> PATHS =
      List.of(
          "atype",
          "result",
          "ts",
          "uuid",
          "local",
          "local.ip",
          "remote",
          "remote.ip",
          "remote.port",
          "remote.unix",
          "remote.isSystemUser",
          "intermediates",
          "intermediates.ip",
          "intermediates.0.port",
          "users",
          "users.user",
          "users.db",
          "users.0",
          "users.1.user",
          "users.user.a",
          "roles",
          "roles.role",
          "roles.db",
          "param",
          "param.command",
          "param.ns",
          "param.a",
          "param.b",
          "param.a.b",
          "param.a.0",
          "param.a.0.b",
          "param.a.1",
          "param.a.0.0",
          "param.b.a.b",
          "atype.a",
          "ts.0",
          "x",
          "x.a",
          "x.a.b",
          "x.0.a",
          "");
  private static final List<String> TEXTS =
      List.of("", "a", "ab", "abc", "abcdefgh", "abcdefghi", "abcdefghijklmnopq", "ä€", "x😀y");
  private static final List<String> PATTERNS =
      List.of(
          "^ab", "^abc", "^a", "^", "^abc.*", "^ab\\.", "b", "c$", "^(a|ä)", "A", "€$", "(?=b)");
  private static final String[] DECIMALS = {
    "1", "1.0", "1.5", "-0", "0", "NaN", "Infinity", "-Infinity", "9007199254740993", "1E+30", "0.1"
  };
  private static final double[] DOUBLES = {
    1, 0, -0.0, 1.5, 2, Double.NaN, Double.POSITIVE_INFINITY, 9007199254740992.0, 0x1p63, 1e30, 0.1
  };
  private static final long[] LONGS = {
    0, 1, 2, -1, 9007199254740992L, 9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private final SplittableRandom random;
  private final List<Seen> seen = new ArrayList<>();

  /** A value in some message, and a path that leads to it. */
  private record Seen(String path, BsonValue value) {}

  RandomFilters(long seed) {
    random = new SplittableRandom(seed);
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  BsonDocument message() {
    BsonDocument message = new BsonDocument("atype", text());
    message.put("ts", new BsonDateTime(random.nextInt(3)));
    if (chance(50)) {
      message.put("uuid", new BsonBinary(new java.util.UUID(1, random.nextInt(2))));
    }
    for (String member : List.of("local", "remote")) {
      if (chance(80)) {
        message.put(member, endpoint());
      }
    }
    if (chance(30)) {
      message.put("intermediates", new BsonArray(List.of(endpoint(), endpoint())));
    }
    message.put("users", pairs("user"));
    if (chance(90)) {
      message.put("roles", pairs("role"));
    }
    BsonDocument param = document(3);
    if (chance(50)) {
      param.put("command", chance(90) ? text() : value(1));
      param.put("ns", text());
    }
    message.put("param", chance(95) ? param : value(2));
    message.put("result", chance(90) ? new BsonInt32(random.nextInt(3)) : scalar());
    if (chance(20)) {
      message.put("x", value(3));
    }
    if (chance(5)) {
      message.put("", value(2));
    }
    message.forEach((name, value) -> see(name, value));
    return message;
  }

  private void see(String path, BsonValue value) {
    seen.add(new Seen(path, value));
    if (value.isDocument()) {
      value.asDocument().forEach((name, member) -> see(path + "." + name, member));
    } else if (value.isArray()) {
      for (int i = 0; i < value.asArray().size(); i++) {
        see(chance(50) ? path + "." + i : path, value.asArray().get(i));
      }
    }
  }

  private BsonValue endpoint() {
    BsonDocument endpoint = new BsonDocument();
    switch (random.nextInt(5)) {
      case 0 -> endpoint.append("unix", text());
      case 1 -> endpoint.append("isSystemUser", BsonBoolean.TRUE);
      case 2 -> endpoint.append("port", scalar());
      default ->
          endpoint
              .append("ip", new BsonString("10.0.0." + random.nextInt(4)))
              .append("port", new BsonInt32(random.nextInt(3)));
    }
    return endpoint;
  }

  private BsonValue pairs(String first) {
    BsonArray pairs = new BsonArray();
    for (int n = random.nextInt(4); n > 0; n--) {
      pairs.add(chance(95) ? new BsonDocument(first, text()).append("db", text()) : value(1));
    }
    return pairs;
  }

  private BsonString text() {
    return new BsonString(any(TEXTS));
  }

  private BsonDocument document(int levels) {
    BsonDocument document = new BsonDocument();
    for (int n = random.nextInt(4); n > 0; n--) {
      document.put(any(NAMES), value(levels - 1));
    }
    return document;
  }

  private BsonValue value(int levels) {
    if (levels > 0 && chance(30)) {
      return document(levels);
    }
    if (levels > 0 && chance(45)) {
      List<BsonValue> items = new ArrayList<>();
      for (int n = random.nextInt(4); n > 0; n--) {
        items.add(value(levels - 1));
      }
      return new BsonArray(items);
    }
    return scalar();
  }

  private BsonValue number() {
    return switch (random.nextInt(4)) {
      case 0 -> new BsonInt32(random.nextInt(-1, 3));
      case 1 -> new BsonInt64(LONGS[random.nextInt(LONGS.length)]);
      case 2 -> new BsonDouble(DOUBLES[random.nextInt(DOUBLES.length)]);
      default -> new BsonDecimal128(Decimal128.parse(DECIMALS[random.nextInt(DECIMALS.length)]));
    };
  }

  private BsonValue scalar() {
    byte few = (byte) random.nextInt(2);
    return switch (random.nextInt(22)) {
      case 0, 1, 2, 3, 4, 5 -> number();
      case 6, 7, 8, 9, 10 -> text();
      case 11 -> BsonNull.VALUE;
      case 12 -> BsonBoolean.valueOf(few == 0);
      case 13 -> new BsonDateTime(few);
      case 14 -> new BsonObjectId(new ObjectId(few, 1));
      case 15 -> new BsonBinary((byte) (2 * random.nextInt(3)), new byte[] {few, 1});
      case 16 -> new BsonTimestamp(few, 1);
      case 17 -> new BsonRegularExpression(any(PATTERNS), few == 0 ? "" : "i");
      case 18 -> few == 0 ? new BsonMinKey() : new BsonMaxKey();
      case 19 -> new BsonSymbol(any(TEXTS));
      case 20 -> few == 0 ? new BsonJavaScript("a") : new BsonUndefined();
      default ->
          few == 0
              ? new BsonJavaScriptWithScope("a", new BsonDocument("a", number()))
              : new BsonDbPointer("a.b", new ObjectId(1, 1));
    };
  }

  /** A filter, perhaps an invalid one. */
  BsonDocument filter() {
    return tree(3, true);
  }

  private BsonDocument tree(int levels, boolean top) {
    BsonDocument filter = new BsonDocument();
    for (int n = random.nextInt(4) / 2; n >= 0; n--) {
      if (top && !seen.isEmpty() && chance(50)) {
        Seen one = any(seen);
        filter.put(one.path, met(one.value, levels));
      } else if (levels > 0 && chance(25)) {
        List<BsonValue> parts = new ArrayList<>();
        for (int k = random.nextInt(3); k >= 0; k--) {
          parts.add(tree(levels - 1, top));
        }
        filter.put(any(List.of("$or", "$and", "$nor")), new BsonArray(parts));
      } else {
        filter.put(top ? any(PATHS) : any(NAMES) + (chance(20) ? ".b" : ""), condition(levels));
      }
    }
    return filter;
  }

  /** A condition that the value meets, or nearly. */
  private BsonValue met(BsonValue value, int levels) {
    return switch (random.nextInt(10)) {
      case 0 -> new BsonDocument(chance(50) ? "$gte" : "$gt", value);
      case 1 -> new BsonDocument("$lt", value);
      case 2 -> new BsonDocument("$in", new BsonArray(List.of(value, scalar(), scalar())));
      case 3 -> new BsonDocument("$ne", value);
      case 4 -> new BsonDocument("$regex", new BsonString(any(PATTERNS)));
      case 5 -> new BsonDocument("$elemMatch", element(levels));
      case 6 -> new BsonDocument("$all", new BsonArray(List.of(value, value(1))));
      case 7 -> condition(levels);
      default -> value;
    };
  }

  private BsonValue condition(int levels) {
    if (chance(35)) {
      BsonValue value = value(2);
      return value.isDocument() && value.asDocument().isEmpty() ? BsonNull.VALUE : value;
    }
    BsonDocument operators = new BsonDocument();
    for (int n = random.nextInt(3) / 2; n >= 0; n--) {
      operator(operators, levels);
    }
    return operators;
  }

  private void operator(BsonDocument to, int levels) {
    switch (random.nextInt(16)) {
      case 0 -> to.put("$eq", value(2));
      case 1 -> to.put("$ne", value(2));
      case 2 -> to.put("$gt", value(1));
      case 3 -> to.put("$gte", value(1));
      case 4 -> to.put("$lt", value(1));
      case 5 -> to.put("$lte", value(1));
      case 6 -> to.put("$in", values());
      case 7 -> to.put("$nin", values());
      case 8 -> to.put("$exists", BsonBoolean.valueOf(chance(50)));
      case 9 -> to.put("$type", new BsonString(any(List.of("string", "number", "array", "null"))));
      case 10 -> to.put("$size", new BsonInt32(random.nextInt(3)));
      case 11 -> {
        to.put("$regex", new BsonString(any(PATTERNS)));
        if (chance(20)) {
          to.put("$options", new BsonString("i"));
        }
      }
      case 12 -> to.put("$all", chance(50) ? values() : elements(levels));
      case 13 -> to.put("$elemMatch", element(levels));
      case 14 -> {
        if (chance(50)) {
          to.put("$cidr", new BsonString(any(List.of("10.0.0.0/31", "10.0.0.2", "::/0"))));
          return;
        }
        to.put("$mod", new BsonArray(List.of(new BsonInt32(2), new BsonInt32(random.nextInt(2)))));
      }
      default -> {
        if (chance(50)) {
          to.put("$bitsAnySet", new BsonInt32(random.nextInt(4)));
        } else {
          BsonDocument inner = new BsonDocument();
          operator(inner, Math.max(0, levels - 1));
          to.put("$not", inner);
        }
      }
    }
  }

  private BsonArray values() {
    List<BsonValue> values = new ArrayList<>();
    for (int n = random.nextInt(8); n > 0; n--) {
      values.add(value(1));
    }
    return new BsonArray(values);
  }

  private BsonArray elements(int levels) {
    return new BsonArray(List.of(new BsonDocument("$elemMatch", element(levels))));
  }

  private BsonValue element(int levels) {
    if (levels == 0 || chance(40)) {
      BsonDocument operators = new BsonDocument();
      operator(operators, Math.max(0, levels - 1));
      return operators;
    }
    return tree(levels - 1, false);
  }
}
