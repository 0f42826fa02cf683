package io.sworn.filter.redact;

import io.sworn.filter.alert.Alert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of a route mean for an alert, which repeats values of the events that made it. A
 * value whose source is unknown is masked: it may be one that the route must not see.
 */
final class AlertRedaction {

  private static final String PARAM = "param.";

  private AlertRedaction() {}

  /**
   * Rules for the members of one alert, besides those of the route.
   *
   * @param param of the alert
   * @param tree the rules of the route
   */
  static List<RedactionRule> rules(BsonDocument param, RedactionTree tree) {
    List<RedactionRule> rules = new ArrayList<>();
    if (!tree.redacts()) {
      return rules;
    }
    BsonDocument sources = document(param.get(Alert.SOURCES));
    for (Map.Entry<String, BsonValue> member : param.entrySet()) {
      String name = member.getKey();
      if (Alert.PLAIN.contains(name)) {
        continue;
      }
      if (name.equals(Alert.GROUP) && member.getValue().isDocument()) {
        BsonDocument known = document(sources.get(Alert.GROUP));
        for (String key : member.getValue().asDocument().keySet()) {
          add(Alert.GROUP, key, action(known.get(key), tree), rules);
        }
      } else if (!(member.getValue().isArray() && member.getValue().asArray().isEmpty())) {
        add(null, name, action(sources.get(name), tree), rules);
      }
    }
    return rules;
  }

  private static void add(
      @Nullable String parent,
      String name,
      @Nullable RedactionAction action,
      List<RedactionRule> rules) {
    if (action == null) {
      return;
    }
    // A name that no path can lead to is covered with everything beside it.
    String last = name.isEmpty() || name.indexOf('.') >= 0 ? "*" : name;
    rules.add(new RedactionRule(PARAM + (parent == null ? "" : parent + ".") + last, action));
  }

  /** The strictest action that meets one of the sources; a mask if they are not known. */
  private static @Nullable RedactionAction action(@Nullable BsonValue sources, RedactionTree tree) {
    if (sources == null || !sources.isArray() || sources.asArray().isEmpty()) {
      return RedactionAction.MASK;
    }
    RedactionAction strictest = null;
    for (BsonValue source : sources.asArray()) {
      RedactionAction one =
          source.isString()
              ? tree.covering(source.asString().getValue().split("\\.", -1))
              : RedactionAction.MASK;
      strictest = RedactionTree.stricter(strictest, one);
    }
    return strictest;
  }

  private static BsonDocument document(@Nullable BsonValue value) {
    return value != null && value.isDocument() ? value.asDocument() : new BsonDocument();
  }
}
