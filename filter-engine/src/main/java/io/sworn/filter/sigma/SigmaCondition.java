package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.filter.alert.InvalidRuleException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition: {@code or} binds loosest, then {@code and}, {@code not}, and {@code x of}
 * (specification, "Condition").
 */
final class SigmaCondition {

  private static final Pattern TOKEN = Pattern.compile("\\s*([()|]|[^\\s()|]+)");
  private static final int DEPTH_MAX = 50;
  private static final int COMBINATIONS_MAX = 500;

  private final Map<String, ObjectNode> selections;
  private final String place;
  private final List<String> tokens = new ArrayList<>();
  private int at;
  private int depth;

  SigmaCondition(String text, Map<String, ObjectNode> selections, String path) {
    this.selections = selections;
    this.place = path + ".condition";
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.lookingAt()) {
      tokens.add(matcher.group(1));
      matcher.region(matcher.end(), text.length());
    }
  }

  ObjectNode query() {
    if (tokens.contains("|")) {
      throw wrong(
          "aggregations behind '|' are obsolete since Sigma 2: write a correlation instead");
    }
    ObjectNode query = or();
    if (at < tokens.size()) {
      throw wrong("'" + tokens.get(at) + "' is not expected here");
    }
    return query;
  }

  private ObjectNode or() {
    List<ObjectNode> parts = new ArrayList<>(List.of(and()));
    while (take("or")) {
      parts.add(and());
    }
    return Query.any(parts);
  }

  private ObjectNode and() {
    List<ObjectNode> parts = new ArrayList<>(List.of(not()));
    while (take("and")) {
      parts.add(not());
    }
    return Query.all(parts);
  }

  private ObjectNode not() {
    if (++depth > DEPTH_MAX) {
      throw wrong("more than " + DEPTH_MAX + " levels");
    }
    try {
      return take("not") ? Query.not(not()) : atom();
    } finally {
      depth--;
    }
  }

  private ObjectNode atom() {
    if (take("(")) {
      ObjectNode inner = or();
      if (!take(")")) {
        throw wrong("a ')' is missing");
      }
      return inner;
    }
    String word = next();
    if (at < tokens.size() && tokens.get(at).toLowerCase(Locale.ROOT).equals("of")) {
      at++;
      return quantified(word.toLowerCase(Locale.ROOT), next());
    }
    ObjectNode selection = selections.get(word);
    if (selection == null) {
      throw wrong("'" + word + "' is none of " + selections.keySet());
    }
    return selection;
  }

  private ObjectNode quantified(String quantity, String names) {
    List<ObjectNode> among = new ArrayList<>();
    boolean them = names.toLowerCase(Locale.ROOT).equals("them");
    Pattern pattern =
        Pattern.compile(them ? "[^_].*" : Pattern.quote(names).replace("*", "\\E.*\\Q"));
    selections.forEach(
        (name, query) -> {
          if (pattern.matcher(name).matches()) {
            among.add(query);
          }
        });
    if (among.isEmpty()) {
      throw wrong("'" + names + "' is none of " + selections.keySet());
    }
    switch (quantity) {
      case "all":
        return Query.all(among);
      case "any", "1":
        return Query.any(among);
      default:
    }
    if (!quantity.matches("[1-9]\\d{0,3}")) {
      throw wrong("'" + quantity + " of': 1, any, all or a number expected");
    }
    int wanted = Integer.parseInt(quantity);
    if (wanted > among.size()) {
      throw wrong("'" + quantity + " of " + names + "': there are only " + among.size());
    }
    List<ObjectNode> combinations = new ArrayList<>();
    combine(among, wanted, 0, new ArrayList<>(), combinations);
    return Query.any(combinations);
  }

  private void combine(
      List<ObjectNode> among,
      int wanted,
      int from,
      List<ObjectNode> chosen,
      List<ObjectNode> combinations) {
    if (chosen.size() == wanted) {
      combinations.add(Query.all(List.copyOf(chosen)));
      if (combinations.size() > COMBINATIONS_MAX) {
        throw wrong("more than " + COMBINATIONS_MAX + " combinations: use fewer selections");
      }
      return;
    }
    for (int i = from; i < among.size(); i++) {
      chosen.add(among.get(i));
      combine(among, wanted, i + 1, chosen, combinations);
      chosen.remove(chosen.size() - 1);
    }
  }

  private boolean take(String word) {
    if (at < tokens.size() && tokens.get(at).toLowerCase(Locale.ROOT).equals(word)) {
      at++;
      return true;
    }
    return false;
  }

  private String next() {
    if (at >= tokens.size()) {
      throw wrong("it ends too early");
    }
    return tokens.get(at++);
  }

  private InvalidRuleException wrong(String reason) {
    return new InvalidRuleException(place, reason);
  }
}
