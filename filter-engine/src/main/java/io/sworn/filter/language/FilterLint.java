package io.sworn.filter.language;

import io.sworn.filter.FilterWarning;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Finds what is probably not meant so. */
public final class FilterLint {

  private static final Set<String> MEMBERS =
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

  private final Set<FilterWarning> found = new LinkedHashSet<>();

  private FilterLint() {}

  /** The warnings, in the order of the filter's text. */
  public static List<FilterWarning> warnings(Predicate predicate) {
    FilterLint lint = new FilterLint();
    Boolean constant = constant(predicate);
    if (constant != null) {
      lint.warn("", constant ? "matches every event" : "can never match an event");
    }
    lint.visit(predicate, true);
    return List.copyOf(lint.found);
  }

  private static @org.jspecify.annotations.Nullable Boolean constant(Predicate predicate) {
    if (predicate instanceof Predicate.Not not) {
      Boolean inner = constant(not.part());
      return inner == null ? null : !inner;
    }
    boolean all = predicate instanceof Predicate.All;
    List<Predicate> parts = new ArrayList<>();
    if (predicate instanceof Predicate.All every) {
      parts.addAll(every.parts());
    } else if (predicate instanceof Predicate.Any any) {
      parts.addAll(any.parts());
    } else if (predicate instanceof Predicate.Field field) {
      boolean never =
          field.condition() instanceof Condition.OneOf one
              && one.values().isEmpty()
              && one.patterns().isEmpty();
      return never ? Boolean.FALSE : null;
    }
    List<@org.jspecify.annotations.Nullable Boolean> values = new ArrayList<>();
    parts.forEach(part -> values.add(constant(part)));
    if (values.contains(!all)) {
      return !all;
    }
    return values.contains(null) ? null : all;
  }

  private void visit(Predicate predicate, boolean top) {
    if (predicate instanceof Predicate.All all) {
      all.parts().forEach(part -> visit(part, top));
    } else if (predicate instanceof Predicate.Any any) {
      any.parts().forEach(part -> visit(part, top));
    } else if (predicate instanceof Predicate.Not not) {
      visit(not.part(), top);
    } else if (predicate instanceof Predicate.Field field) {
      if (top) {
        path(field);
      }
      condition(field);
    }
  }

  private void path(Predicate.Field field) {
    FieldPath path = field.path();
    String first = path.segment(0);
    if (OCSF.contains(first)) {
      return;
    }
    if (!MEMBERS.contains(first)) {
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
      warn(field.where(), "'.' in " + pattern + " matches any character; write \\\\.");
    }
  }

  private void warn(String path, String message) {
    found.add(new FilterWarning(path, message));
  }
}
