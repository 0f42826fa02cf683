package io.sworn.filter.lint;

import io.sworn.filter.language.BsonOrder;
import io.sworn.filter.language.Condition;
import io.sworn.filter.language.FieldPath;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What can stand at a path of an audit message, as far as MongoDB's manual (System Event Audit
 * Messages) and Percona's deviations fix it.
 *
 * @param types of the value or, behind an array, of the elements and of the array itself
 * @param single at most one value, and no array
 * @param always every message has it
 */
record Shape(Set<BsonType> types, boolean single, boolean always) {

  /** The two schemas of audit messages. */
  enum Schema {
    /** MongoDB's own, and Percona's and Sworn's forms of it. */
    MONGO,
    /** OCSF, of MongoDB 8.0 and later. */
    OCSF
  }

  /** Nothing ever stands there. */
  static final Shape MISSING = new Shape(Set.of(), true, false);

  /** Members of a message in MongoDB's own schema. */
  static final Set<String> MEMBERS =
      Set.of(
          "atype",
          "ts",
          "uuid",
          "local",
          "remote",
          "directRemote",
          "intermediates",
          "users",
          "roles",
          "param",
          "result");

  private static final Set<String> SCALARS = Set.of("atype", "ts", "result");

  private static final Set<String> ENDPOINTS = Set.of("local", "remote", "directRemote");

  private static final Map<String, BsonType> ENDPOINT =
      Map.of(
          "ip", BsonType.STRING,
          "port", BsonType.INT32,
          "unix", BsonType.STRING,
          "isSystemUser", BsonType.BOOLEAN);

  private static final Map<String, Set<String>> NAMES =
      Map.of("users", Set.of("user", "db"), "roles", Set.of("role", "db"));

  /** The shape at a path; null if anything may stand there. */
  static @Nullable Shape of(FieldPath path, Schema schema) {
    if (path.size() == 0) {
      return null;
    }
    String first = path.segment(0);
    if (schema == Schema.OCSF) {
      if (NAMES.containsKey(first)) { // OCSF has these two as well
        return path.size() == 1 ? member(first) : null;
      }
      return MEMBERS.contains(first) ? MISSING : null;
    }
    return switch (path.size()) {
      case 1 -> member(first);
      case 2 -> SCALARS.contains(first) ? MISSING : below(first, path.segment(1));
      default -> SCALARS.contains(first) ? MISSING : null;
    };
  }

  private static @Nullable Shape member(String name) {
    return switch (name) {
      case "atype" -> new Shape(Set.of(BsonType.STRING), true, true);
      case "ts" -> new Shape(Set.of(BsonType.DATE_TIME), true, true);
      case "result" -> new Shape(Set.of(BsonType.INT32), true, true);
      case "uuid" -> new Shape(Set.of(BsonType.BINARY), true, false);
      case "local", "remote", "directRemote", "param" ->
          new Shape(Set.of(BsonType.DOCUMENT), true, false);
      // Percona writes an empty document if nobody is authenticated.
      case "users", "roles", "intermediates" ->
          new Shape(EnumSet.of(BsonType.ARRAY, BsonType.DOCUMENT), false, false);
      default -> null;
    };
  }

  private static @Nullable Shape below(String first, String second) {
    BsonType endpoint = ENDPOINT.get(second);
    if (endpoint != null && ENDPOINTS.contains(first)) {
      return new Shape(Set.of(endpoint), true, false);
    }
    if (endpoint != null && first.equals("intermediates")) {
      return new Shape(Set.of(endpoint), false, false);
    }
    return NAMES.getOrDefault(first, Set.of()).contains(second)
        ? new Shape(Set.of(BsonType.STRING), false, false)
        : null;
  }

  /** Whether no value of this shape can meet the condition, whatever it is. */
  boolean excludes(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      boolean strict =
          compare.relation() == Condition.Relation.LESS
              || compare.relation() == Condition.Relation.GREATER;
      return compare.value().isNull() && strict || excludes(compare.value());
    }
    if (condition instanceof Condition.OneOf oneOf) {
      return oneOf.values().stream().allMatch(this::excludes)
          && (oneOf.patterns().isEmpty() || !types.contains(BsonType.STRING));
    }
    if (condition instanceof Condition.Matches || condition instanceof Condition.InNetwork) {
      return !types.contains(BsonType.STRING);
    }
    if (condition instanceof Condition.HasType type) {
      return type.types().stream().noneMatch(types::contains);
    }
    if (condition.arrayOnly()) {
      return !types.contains(BsonType.ARRAY);
    }
    if (condition instanceof Condition.Modulo || condition instanceof Condition.Bits) {
      return !types.contains(BsonType.INT32) && !types.contains(BsonType.BINARY);
    }
    return condition instanceof Condition.Exists && types.isEmpty();
  }

  /** Whether no value can be equal to, or ordered with, this one. */
  private boolean excludes(BsonValue value) {
    return switch (value.getBsonType()) {
      case NULL -> always;
      case MIN_KEY, MAX_KEY -> false;
      case INT32, INT64, DOUBLE, DECIMAL128 -> !types.contains(BsonType.INT32);
      default ->
          types.stream().noneMatch(type -> type == value.getBsonType())
              && !(value.isSymbol() && types.contains(BsonType.STRING));
    };
  }

  /** Whether values of this shape are found by trying those beside a filter's literals. */
  boolean ordered() {
    return single
        && (types.isEmpty()
            || types.equals(Set.of(BsonType.STRING))
            || types.equals(Set.of(BsonType.INT32))
            || types.equals(Set.of(BsonType.DATE_TIME)));
  }

  /** Whether the literal is of the class of this shape's only type. */
  boolean comparable(BsonValue literal) {
    return types.stream()
        .anyMatch(
            type ->
                switch (type) {
                  case STRING -> literal.isString() || literal.isSymbol();
                  case INT32 -> BsonOrder.isFinite(literal);
                  case DATE_TIME -> literal.isDateTime();
                  default -> false;
                });
  }
}
