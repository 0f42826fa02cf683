package io.sworn.filter.lint;

import io.sworn.filter.Decision;
import io.sworn.filter.FilterWarning;
import io.sworn.filter.FilterWarning.Kind;
import io.sworn.filter.language.BoundedPattern;
import io.sworn.filter.language.Condition;
import io.sworn.filter.language.Evaluator;
import io.sworn.filter.language.Extensions;
import io.sworn.filter.language.FieldPath;
import io.sworn.filter.language.Predicate;
import io.sworn.filter.language.Text;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Finds what is probably not meant so. Pure; its work is bounded. */
public final class FilterLint {

  private static final Set<String> OCSF =
      Set.of(
          "activity_id",
          "activity_name",
          "category_uid",
          "category_name",
          "class_uid",
          "class_name",
          "time",
          "severity",
          "severity_id",
          "type_uid",
          "type_name",
          "metadata",
          "actor",
          "src_endpoint",
          "dst_endpoint",
          "direct_endpoint",
          "user",
          "auth_protocol",
          "api",
          "entity",
          "entity_result",
          "unmapped",
          "status",
          "status_id",
          "status_code",
          "message",
          "comment",
          "privileges",
          "group",
          "resource",
          "mfa",
          "observables",
          "proxy_endpoint");
  private static final Map<String, Set<String>> BELOW =
      Map.of(
          "users", Set.of("user", "db"),
          "roles", Set.of("role", "db"),
          "atype", Set.of(),
          "result", Set.of(),
          "ts", Set.of(),
          "uuid", Set.of());

  private static final FieldPath ATYPE = FieldPath.of("atype");

  private final Set<FilterWarning> found = new LinkedHashSet<>();
  private final Outcomes.Budget budget = new Outcomes.Budget();

  private FilterLint() {}

  /** The warnings: what holds of the whole filter, then the rest in the order of its text. */
  public static List<FilterWarning> warnings(Predicate predicate) {
    FilterLint lint = new FilterLint();
    if (!lint.whole(predicate)) {
      lint.parts(predicate);
    }
    lint.visit(predicate, Optional.empty());
    for (String place : Extensions.places(predicate)) {
      lint.found.add(
          new FilterWarning(
              Kind.NOT_PORTABLE,
              place,
              "MongoDB and MongoDB Atlas do not know this operator; only Sworn does"));
    }
    return List.copyOf(lint.found);
  }

  /** Whether the filter always says the same, which is then the warning. */
  private boolean whole(Predicate predicate) {
    Optional<Decision> mongo = Outcomes.only(predicate, Shape.Schema.MONGO, budget);
    if (mongo.isEmpty()) {
      return false;
    }
    boolean both = mongo.equals(Outcomes.only(predicate, Shape.Schema.OCSF, budget));
    if (mongo.get() == Decision.KEEP) {
      found.add(
          new FilterWarning(
              Kind.MATCHES_ALL,
              "",
              both ? "matches every event" : "matches every event but those in the OCSF schema"));
    } else if (both) {
      found.add(new FilterWarning(Kind.NEVER_MATCHES, "", "can never match an event"));
    } else {
      warn("", "matches events in the OCSF schema at most");
    }
    return true;
  }

  /** Alternatives that never match and conditions that always hold. */
  private void parts(Predicate predicate) {
    if (predicate instanceof Predicate.Any any) {
      for (Predicate part : any.parts()) {
        if (always(part, Decision.DROP)) {
          warn(place(part), "this alternative can never match an event");
        } else {
          parts(part);
        }
      }
    } else if (predicate instanceof Predicate.All all) {
      for (Predicate part : all.parts()) {
        if (always(part, Decision.KEEP)) {
          warn(place(part), "holds of every event; leave it out");
        } else {
          parts(part);
        }
      }
    }
  }

  private boolean always(Predicate part, Decision decision) {
    Optional<Decision> only = Optional.of(decision);
    return only.equals(Outcomes.only(part, Shape.Schema.MONGO, budget))
        && only.equals(Outcomes.only(part, Shape.Schema.OCSF, budget));
  }

  /** What the places of all conditions have in common. */
  private static String place(Predicate predicate) {
    List<String> places = new ArrayList<>();
    places(predicate, places);
    if (places.isEmpty()) {
      return "";
    }
    String common = places.get(0);
    for (String place : places) {
      int length = 0;
      while (length < Math.min(common.length(), place.length())
          && common.charAt(length) == place.charAt(length)) {
        length++;
      }
      while (length > 0 && !(ends(common, length) && ends(place, length))) {
        length--;
      }
      common = common.substring(0, length);
    }
    return common;
  }

  private static boolean ends(String place, int length) {
    return length == place.length() || place.charAt(length) == '.' || place.charAt(length) == '[';
  }

  private static void places(Predicate predicate, List<String> to) {
    if (predicate instanceof Predicate.All all) {
      all.parts().forEach(part -> places(part, to));
    } else if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> places(part, to));
    } else if (predicate instanceof Predicate.Not not) {
      places(not.part(), to);
    } else if (predicate instanceof Predicate.Field field) {
      to.add(field.where());
    }
  }

  /**
   * Looks at every condition.
   *
   * @param types of the events that the conditions around it leave, if they say so
   */
  private void visit(Predicate predicate, Optional<List<String>> types) {
    if (predicate instanceof Predicate.All all) {
      Optional<List<String>> here =
          all.parts().stream().map(FilterLint::types).flatMap(Optional::stream).findFirst();
      all.parts().forEach(part -> visit(part, here.isPresent() ? here : types));
    } else if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> visit(part, types));
    } else if (predicate instanceof Predicate.Not not) {
      visit(not.part(), Optional.empty());
    } else if (predicate instanceof Predicate.Field field) {
      path(field);
      condition(field);
      if (field.path().equals(ATYPE)) {
        equalities(field.condition()).stream()
            .filter(BsonValue::isString)
            .forEach(value -> type(value.asString().getValue(), field));
      }
      types.ifPresent(of -> param(field, of));
    }
  }

  /** The types that an equality on {@code atype} leaves. */
  private static Optional<List<String>> types(Predicate predicate) {
    List<BsonValue> values = List.of();
    if (predicate instanceof Predicate.Field field && field.path().equals(ATYPE)) {
      values = equalities(field.condition());
    }
    return values.isEmpty() || !values.stream().allMatch(BsonValue::isString)
        ? Optional.empty()
        : Optional.of(values.stream().map(value -> value.asString().getValue()).toList());
  }

  private static List<BsonValue> equalities(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return compare.relation() == Condition.Relation.EQUAL ? List.of(compare.value()) : List.of();
    }
    return condition instanceof Condition.OneOf oneOf && oneOf.patterns().isEmpty()
        ? oneOf.values()
        : List.of();
  }

  private void param(Predicate.Field field, List<String> types) {
    FieldPath path = field.path();
    if (path.size() < 2 || !path.segment(0).equals("param") || path.segment(1).startsWith("$")) {
      return;
    }
    String member = path.segment(1);
    if (types.stream().allMatch(type -> KnownTypes.lacks(type, member))
        && Evaluator.test(field.condition(), null) == Decision.DROP) {
      warn(
          field.where(),
          "probably never matches: an event of type "
              + String.join(" or ", types)
              + " has no param."
              + member);
    }
  }

  private void type(String type, Predicate.Field field) {
    if (!KnownTypes.contains(type)) {
      warn(
          field.where(),
          "unknown type '"
              + type
              + "'"
              + KnownTypes.nearest(type)
                  .map(known -> ": did you mean '" + known + "'?")
                  .orElse(": neither MongoDB nor Sworn lists it"));
    }
  }

  private void path(Predicate.Field field) {
    FieldPath path = field.path();
    String first = path.segment(0);
    if (OCSF.contains(first)) {
      return;
    }
    if (!Shape.MEMBERS.contains(first)) {
      warn(field.where(), "no audit message has a member '" + first + "'");
      return;
    }
    Set<String> below = BELOW.get(first);
    for (int i = 1; below != null && i < path.size(); i++) {
      if (path.arrayIndex(i) < 0 && !below.contains(path.segment(i))) {
        warn(field.where(), "'" + path + "' never exists in an audit message");
      }
    }
  }

  private void condition(Predicate.Field field) {
    Condition condition = field.condition();
    String path = field.path().toString();
    if (condition instanceof Condition.Matches matches) {
      pattern(matches.pattern(), field);
    } else if (condition instanceof Condition.OneOf oneOf) {
      oneOf.patterns().forEach(one -> pattern(one.pattern(), field));
      oneOf.values().forEach(value -> value(path, value, field));
    } else if (condition instanceof Condition.Compare compare) {
      value(path, compare.value(), field);
    }
  }

  private void value(String path, BsonValue value, Predicate.Field field) {
    if (path.equals("param") && value.isDocument()) {
      warn(
          field.where(),
          "compares the whole 'param', every field and their order; write \"param.<field>\"");
    }
    if ((path.equals("users") || path.equals("roles")) && value.isDocument()) {
      BsonDocument pair = value.asDocument();
      List<String> names = List.of(path.equals("users") ? "user" : "role", "db");
      if (!List.copyOf(pair.keySet()).equals(names)) {
        warn(field.where(), "equals an element only with exactly " + names + " in this order");
      }
    }
    boolean typed =
        path.equals("atype") && !value.isString()
            || path.equals("result") && !value.isNumber()
            || path.equals("ts") && !value.isDateTime();
    if ((path.equals("users") || path.equals("roles")) && value.isString()) {
      String name = path.equals("users") ? "user" : "role";
      warn(
          field.where(),
          "'" + path + "' is an array of documents; compare \"" + path + "." + name + "\"");
    }
    if (typed && !value.isNull()) {
      warn(field.where(), "'" + path + "' is never of this type: " + Text.of(value));
    }
  }

  private void pattern(BoundedPattern pattern, Predicate.Field field) {
    String source = pattern.source();
    if (source.chars().anyMatch(c -> c == '\b' || c == '\f' || c == 7)) {
      warn(field.where(), "holds a control character: double the backslash in the text");
    }
    if (field.path().toString().endsWith("ns")
        && source.matches("\\^?[A-Za-z0-9_-]+\\..*")
        && !source.contains("\\")
        && !source.matches("\\^?[A-Za-z0-9_-]+\\.[*+?].*")) {
      warn(
          field.where(),
          "'.' in " + Text.cut(pattern.toString()) + " matches any character; write \\\\.");
    }
  }

  private void warn(String path, String message) {
    found.add(new FilterWarning(Kind.SUSPICIOUS, path, message));
  }
}
