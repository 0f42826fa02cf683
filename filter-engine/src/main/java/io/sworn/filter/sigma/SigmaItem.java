package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.filter.alert.InvalidRuleException;
import io.sworn.filter.language.Networks;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One {@code field|modifier|modifier: value} of a selection. */
final class SigmaItem {

  /** Types that MongoDB writes in exactly this way; other strings compare without case. */
  private static final Set<String> TYPES =
      Set.of(
          "authenticate",
          "authCheck",
          "clientMetadata",
          "logout",
          "startup",
          "shutdown",
          "applicationMessage",
          "createDatabase",
          "dropDatabase",
          "createCollection",
          "dropCollection",
          "renameCollection",
          "createIndex",
          "dropIndex",
          "createUser",
          "updateUser",
          "dropUser",
          "dropAllUsersFromDatabase",
          "grantRolesToUser",
          "revokeRolesFromUser",
          "createRole",
          "updateRole",
          "dropRole",
          "dropAllRolesFromDatabase",
          "grantRolesToRole",
          "revokeRolesFromRole",
          "grantPrivilegesToRole",
          "revokePrivilegesFromRole",
          "directAuthMutation",
          "replSetReconfig",
          "addShard",
          "removeShard",
          "enableSharding",
          "shardCollection",
          "refineCollectionShardKey",
          "getClusterParameter",
          "setClusterParameter",
          "updateCachedClusterServerParameter",
          "auditConfigure",
          "rotateLog");

  private static final Set<String> NOT_HERE =
      Set.of("minute", "hour", "day", "week", "month", "year");

  private final SigmaField field;
  private final String place;
  private final List<String> modifiers = new ArrayList<>();
  private boolean all;
  private boolean negated;
  private boolean cased;
  private boolean bytes;
  private String regexOptions = "";
  private @Nullable String comparison;

  private SigmaItem(SigmaField field, String place) {
    this.field = field;
    this.place = place;
  }

  /** The filter for one entry of a selection. */
  static ObjectNode query(String key, JsonNode value, String path) {
    String[] parts = key.split("\\|");
    String place = path + "." + key;
    SigmaItem item = new SigmaItem(SigmaField.of(parts[0], place), place);
    for (int i = 1; i < parts.length; i++) {
      item.modifier(parts[i].toLowerCase(Locale.ROOT));
    }
    return item.query(value);
  }

  private void modifier(String modifier) {
    switch (modifier) {
      case "all" -> all = true;
      case "neq" -> negated = true;
      case "cased" -> cased = true;
      case "lt", "lte", "gt", "gte" -> comparison = "$" + modifier;
      case "exists", "re", "cidr" -> comparison = modifier;
      case "i", "ignorecase", "m", "multiline", "s", "dotall" -> {
        if (!"re".equals(comparison)) {
          throw wrong("'" + modifier + "' is a flag of re: write re|" + modifier);
        }
        regexOptions +=
            modifier.equals("multiline")
                ? "m"
                : modifier.equals("dotall") ? "s" : modifier.substring(0, 1);
      }
      case "contains",
          "startswith",
          "endswith",
          "windash",
          "base64",
          "base64offset",
          "utf16le",
          "wide",
          "utf16be",
          "utf16" ->
          modifiers.add(modifier);
      case "expand" ->
          throw wrong("placeholders are filled by a tool before: write the values themselves");
      case "fieldref" -> throw wrong("two fields of an event cannot be compared by a filter");
      default ->
          throw wrong(
              NOT_HERE.contains(modifier)
                  ? "a filter cannot take '" + modifier + "' out of a date; use an off-hours rule"
                  : "modifier '" + modifier + "' is unknown to specification 2.1.0");
    }
  }

  private InvalidRuleException wrong(String reason) {
    return new InvalidRuleException(place, reason);
  }

  private ObjectNode query(JsonNode value) {
    List<ObjectNode> parts = new ArrayList<>();
    if (value.isArray()) {
      if (value.isEmpty()) {
        throw wrong("an empty list matches nothing: leave the entry out");
      }
      for (JsonNode one : value) {
        if (one.isNull()) {
          throw wrong("null cannot stand in a list: make a selection of its own for it");
        }
        parts.add(one(one));
      }
    } else if (all) {
      throw wrong("'all' needs a list of values");
    } else {
      parts.add(one(value));
    }
    ObjectNode whole = all ? Query.all(parts) : Query.any(parts);
    return negated ? Query.not(whole) : whole;
  }

  private ObjectNode one(JsonNode value) {
    if (value.isContainerNode()) {
      throw wrong("a value or a list of values expected");
    }
    if (!field.isUser()) {
      return at(field.path(), value);
    }
    // That there is no name is said of both places together: a list without users has none, and
    // yet somebody may try to sign in.
    if ("exists".equals(comparison)) {
      ObjectNode known = user(path -> at(path, Query.flag(true)));
      return isTrue(value) ? known : Query.not(known);
    }
    if (comparison == null && value.isNull()) {
      return Query.not(
          user(
              path ->
                  Query.all(
                      List.of(
                          Query.operator(path, "$exists", Query.flag(true)),
                          Query.operator(path, "$ne", value)))));
    }
    return user(path -> at(path, value));
  }

  /** Before somebody is signed in, and when that failed, the name stands in the parameters. */
  private static ObjectNode user(Function<String, ObjectNode> at) {
    ObjectNode nobody = Query.operator("users.0", "$exists", Query.flag(false));
    return Query.any(
        List.of(at.apply("users.user"), Query.all(List.of(nobody, at.apply("param.user")))));
  }

  private boolean isTrue(JsonNode value) {
    if (!value.isBoolean()) {
      throw wrong("exists takes true or false");
    }
    return value.asBoolean();
  }

  private ObjectNode at(String path, JsonNode value) {
    String how = comparison;
    if (how == null) {
      return equal(path, value);
    }
    return switch (how) {
      case "exists" -> Query.operator(path, "$exists", Query.flag(isTrue(value)));
      case "re" -> Query.regex(path, value.asText(), regexOptions);
      case "cidr" -> network(path, value.asText());
      default -> {
        if (!value.isNumber()) {
          throw wrong(value + ": a number expected");
        }
        yield Query.operator(path, how, value);
      }
    };
  }

  private ObjectNode network(String path, String network) {
    try {
      Networks.of(List.of(network));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    return Query.operator(path, "$cidr", Query.text(network));
  }

  private ObjectNode equal(String path, JsonNode value) {
    if (value.isNull()) {
      return Query.is(path, value);
    }
    if (modifiers.isEmpty() && (value.isNumber() || value.isBoolean())) {
      return Query.is(path, value);
    }
    if (field.isResult()) {
      return result(path, value.asText());
    }
    List<ObjectNode> forms = new ArrayList<>();
    for (SigmaString form : forms(SigmaString.parse(value.asText()))) {
      forms.add(string(path, form));
    }
    return Query.any(forms);
  }

  private ObjectNode result(String path, String text) {
    JsonNode zero = JsonNodeFactory.instance.numberNode(0);
    if (modifiers.isEmpty()) {
      switch (text.toLowerCase(Locale.ROOT)) {
        case "success", "ok":
          return Query.is(path, zero);
        case "failure", "failed":
          return Query.operator(path, "$ne", zero);
        default:
          if (text.matches("\\d{1,9}")) {
            return Query.is(path, JsonNodeFactory.instance.numberNode(Integer.parseInt(text)));
          }
      }
    }
    throw wrong("'" + text + "': the result is a number; write it, or success or failure");
  }

  private ObjectNode string(String path, SigmaString form) {
    boolean whole = field.before().equals("^") && field.after().equals("$");
    if (whole && !form.hasWildcards()) {
      if (cased || (path.equals("atype") && TYPES.contains(form.literal()))) {
        return Query.is(path, Query.text(form.literal()));
      }
      if (form.literal().isEmpty()) {
        return Query.is(path, Query.text(""));
      }
    }
    return Query.regex(path, form.anchored(field.before(), field.after()), cased ? "s" : "is");
  }

  /** The forms that the modifiers make of a string, from left to right. */
  private List<SigmaString> forms(SigmaString value) {
    List<SigmaString> forms = List.of(value);
    for (String modifier : modifiers) {
      List<SigmaString> next = new ArrayList<>();
      for (SigmaString form : forms) {
        next.addAll(modified(modifier, form));
      }
      forms = next;
    }
    return forms;
  }

  private List<SigmaString> modified(String modifier, SigmaString form) {
    switch (modifier) {
      case "contains":
        return List.of(form.contains());
      case "startswith":
        return List.of(form.startsWith());
      case "endswith":
        return List.of(form.endsWith());
      case "windash":
        return form.dashes();
      default:
    }
    if (form.hasWildcards()) {
      throw wrong("wildcards cannot be encoded by " + modifier);
    }
    cased = true; // an encoding does not survive a change of case
    boolean already = bytes;
    switch (modifier) {
      case "base64":
        return List.of(form.base64(already));
      case "base64offset":
        return form.base64Offsets(already);
      case "utf16be":
        bytes = true;
        return List.of(form.encoded(StandardCharsets.UTF_16BE, false));
      case "utf16":
        bytes = true;
        return List.of(form.encoded(StandardCharsets.UTF_16LE, true));
      default:
        bytes = true;
        return List.of(form.encoded(StandardCharsets.UTF_16LE, false));
    }
  }
}
