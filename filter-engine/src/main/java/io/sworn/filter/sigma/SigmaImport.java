package io.sworn.filter.sigma;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.filter.alert.AlertRule;
import io.sworn.filter.alert.InvalidRuleException;
import io.sworn.filter.alert.RuleReader;
import io.sworn.filter.alert.RuleText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads Sigma rules, correlations and filters (specification 2.1.0) and makes alert rules of them.
 * Documents that refer to each other are read together. A rule that a correlation uses makes no
 * alerts of its own unless the correlation says {@code generate: true}.
 */
public final class SigmaImport {

  private static final Pattern TAG = Pattern.compile("[a-z0-9_-]+\\.[a-z0-9._-]+");
  private static final Set<String> SHARING = Set.of("global", "repeat", "reset");
  private static final int NAME_CHARS_MAX = 52;
  private static final int TITLE_CHARS_MAX = 100;
  private static final int TAGS_MAX = 32;

  /**
   * What was imported, and what not.
   *
   * @param documents alert rules as documents, to be kept as YAML
   * @param rules the same, checked and compiled
   * @param refused what could not be expressed
   */
  public record Result(List<JsonNode> documents, List<AlertRule> rules, List<Refusal> refused) {}

  /**
   * A document that was refused.
   *
   * @param source where it was read, and {@code :line:column} if that is known
   * @param title its title
   * @param path place in it
   * @param reason what cannot be expressed, and what to write instead
   */
  public record Refusal(String source, String title, String path, String reason) {
    @Override
    public String toString() {
      return source
          + (title.isEmpty() ? "" : ": '" + title + "'")
          + (path.isEmpty() ? "" : " at " + path)
          + ": "
          + reason;
    }
  }

  private record Document(int number, String source, RuleText.Document read) {
    JsonNode node() {
      return read.node();
    }

    String title() {
      return node().path("title").asText("");
    }
  }

  private final Map<Integer, SigmaRule> rules = new LinkedHashMap<>();
  private final Map<String, String> refusedNames = new LinkedHashMap<>();
  private final Set<String> correlations = new HashSet<>();
  private final Set<String> silent = new HashSet<>();
  private final Set<String> taken = new HashSet<>();
  private final List<JsonNode> documents = new ArrayList<>();
  private final List<AlertRule> made = new ArrayList<>();
  private final List<Refusal> refused = new ArrayList<>();

  private SigmaImport() {}

  /**
   * Imports all documents of some texts together.
   *
   * @param texts text by the name of its source
   */
  public static Result read(Map<String, String> texts) {
    return new SigmaImport().run(texts);
  }

  private Result run(Map<String, String> texts) {
    List<Document> all = new ArrayList<>();
    texts.forEach(
        (source, text) -> {
          try {
            List<RuleText.Document> nodes = RuleText.documents(text);
            if (nodes.isEmpty()) {
              throw new InvalidRuleException("", "nothing is in it: a Sigma rule expected");
            }
            collect(source, nodes, all);
          } catch (InvalidRuleException e) {
            refused.add(new Refusal(source + e.place(), "", e.path(), e.reason()));
          }
        });
    of(all, "correlation").forEach(document -> correlations.addAll(names(document.node())));
    List<Document> plain = all.stream().filter(d -> d.node().has("detection")).toList();
    plain.forEach(document -> attempt(document, () -> detection(document)));
    of(all, "filter").forEach(document -> attempt(document, () -> filter(document)));
    of(all, "correlation").forEach(document -> attempt(document, () -> correlation(document)));
    for (Document document : plain) {
      SigmaRule rule = rules.get(document.number);
      if (rule != null && rule.names().stream().noneMatch(silent::contains)) {
        attempt(document, () -> event(document, rule));
      }
    }
    all.stream()
        .filter(
            d ->
                !d.node().has("detection")
                    && !d.node().has("filter")
                    && !d.node().has("correlation"))
        .forEach(
            d ->
                refused.add(
                    refusal(
                        d,
                        new InvalidRuleException(
                            "", "neither detection nor correlation nor filter"))));
    return new Result(List.copyOf(documents), List.copyOf(made), List.copyOf(refused));
  }

  /**
   * The documents of a text. Those that share members the way of Sigma 1 are refused: read alone
   * they could mean less than they say.
   */
  private void collect(String source, List<RuleText.Document> read, List<Document> into) {
    String action = null;
    for (RuleText.Document one : read) {
      JsonNode node = one.node();
      String own = node.path("action").asText();
      action = action == null && SHARING.contains(own) ? own : action;
      Document document = new Document(into.size(), source, one);
      if (action == null) {
        into.add(document);
      } else {
        refuse(
            document,
            "action",
            "'action: "
                + action
                + "' shares members among the documents of a file, which specification 2 no longer"
                + " knows: write title, logsource and detection into each document");
      }
    }
  }

  private void refuse(Document document, String path, String reason) {
    refused.add(refusal(document, new InvalidRuleException(path, reason)));
    names(document.node()).forEach(name -> refusedNames.put(name, reason));
  }

  private static Refusal refusal(Document document, InvalidRuleException e) {
    InvalidRuleException placed = document.read.placed(e);
    String title = document.title();
    return new Refusal(
        document.source + placed.place(),
        title.length() > TITLE_CHARS_MAX ? title.substring(0, TITLE_CHARS_MAX) + "..." : title,
        placed.path(),
        placed.reason());
  }

  private static List<Document> of(List<Document> all, String member) {
    return all.stream().filter(d -> d.node().has(member) && !d.node().has("detection")).toList();
  }

  private void attempt(Document document, Runnable work) {
    try {
      work.run();
    } catch (InvalidRuleException e) {
      refuse(document, e.path(), e.reason());
    }
  }

  private void detection(Document document) {
    JsonNode node = document.node();
    if (document.title().isEmpty()) {
      throw new InvalidRuleException("title", "missing");
    }
    String status = node.path("status").asText();
    if (status.equals("deprecated") || status.equals("unsupported")) {
      throw new InvalidRuleException("status", "'" + status + "': the author has withdrawn it");
    }
    ObjectNode query = SigmaDetection.query(node.get("detection"), "detection");
    rules.put(document.number, new SigmaRule(node, names(node), logsource(node, query)));
  }

  /** Which audit messages a logsource means; what Sworn does not see is refused. */
  private static ObjectNode logsource(JsonNode node, ObjectNode query) {
    JsonNode source = node.path("logsource");
    if (!source.isObject()) {
      throw new InvalidRuleException("logsource", "missing");
    }
    String product = source.path("product").asText("mongodb").toLowerCase(Locale.ROOT);
    String category = source.path("category").asText("database").toLowerCase(Locale.ROOT);
    String service = source.path("service").asText("audit").toLowerCase(Locale.ROOT);
    boolean seen =
        product.equals("mongodb")
            && (service.equals("audit") || service.equals("mongodb"))
            && (category.equals("database") || category.equals("authentication"))
            && (source.has("product") || source.has("category"));
    if (!seen) {
      throw new InvalidRuleException(
          "logsource",
          source
              + ": Sworn sees audit messages of MongoDB: product mongodb, service audit, or category"
              + " database");
    }
    return category.equals("authentication")
        ? Query.all(List.of(Query.is("atype", Query.text("authenticate")), query))
        : query;
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    for (String member : List.of("name", "id")) {
      if (node.path(member).isTextual()) {
        names.add(node.path(member).asText());
      }
    }
    return names;
  }

  /** A filter document narrows the rules that it names. */
  private void filter(Document document) {
    JsonNode filter = document.node().get("filter");
    if (!filter.isObject()) {
      throw new InvalidRuleException("filter", "a mapping expected");
    }
    ObjectNode body = ((ObjectNode) filter).deepCopy();
    List<String> targets = new ArrayList<>();
    for (SigmaRule rule : referred(body.path("rules"), "filter.rules")) {
      targets.addAll(rule.names());
    }
    body.remove("rules");
    ObjectNode query = SigmaDetection.query(body, "filter");
    rules.replaceAll(
        (number, rule) ->
            rule.names().stream().anyMatch(targets::contains)
                ? rule.with(Query.all(List.of(rule.query(), query)))
                : rule);
  }

  private List<SigmaRule> referred(JsonNode list, String path) {
    List<SigmaRule> found = new ArrayList<>();
    if (list.asText().equals("any")) {
      throw new InvalidRuleException(
          path,
          "'any' would also mean rules that are imported another time: list the names or ids of the"
              + " rules");
    }
    if (!list.isArray() || list.isEmpty()) {
      throw new InvalidRuleException(path, "a list of names or ids of rules expected");
    }
    for (JsonNode reference : list) {
      String name = reference.asText();
      if (correlations.contains(name)) {
        throw new InvalidRuleException(
            path,
            "'"
                + name
                + "' is a correlation, and only rules with a detection can be referred to:"
                + " name those");
      }
      String reason = refusedNames.get(name);
      if (reason != null) {
        throw new InvalidRuleException(path, "'" + name + "' was refused: " + reason);
      }
      found.add(
          rules.values().stream()
              .filter(rule -> rule.names().contains(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new InvalidRuleException(
                          path,
                          "'"
                              + name
                              + "' is no rule of this import: give the file that holds it, too")));
    }
    return found;
  }

  private void correlation(Document document) {
    JsonNode node = document.node();
    JsonNode correlation = node.get("correlation");
    if (!correlation.isObject()) {
      throw new InvalidRuleException("correlation", "a mapping expected");
    }
    List<SigmaRule> used = referred(correlation.path("rules"), "correlation.rules");
    if (!correlation.path("generate").asBoolean(false)) {
      used.forEach(rule -> silent.addAll(rule.names()));
    }
    ObjectNode target = head(node);
    SigmaCorrelation.write(correlation, used, target);
    add(target);
  }

  private void event(Document document, SigmaRule rule) {
    ObjectNode target = head(document.node());
    target.put("type", "event");
    target.set("select", rule.query());
    add(target);
  }

  private void add(ObjectNode target) {
    made.add(RuleReader.rule(target));
    documents.add(target);
  }

  private ObjectNode head(JsonNode node) {
    ObjectNode target = JsonNodeFactory.instance.objectNode();
    String title = node.path("title").asText("untitled");
    String id = node.path("id").asText("");
    String name = title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    name = name.replaceAll("^-+", "").replaceAll("-+$", "");
    name = name.length() > NAME_CHARS_MAX ? name.substring(0, NAME_CHARS_MAX) : name;
    name = name.isEmpty() ? "rule" : name;
    String suffix = id.length() >= 8 ? id.substring(0, 8).toLowerCase(Locale.ROOT) : "";
    String whole = suffix.matches("[0-9a-f]{8}") ? name + "-" + suffix : name;
    for (int n = 2; !taken.add(whole); n++) {
      whole = name + "-" + n;
    }
    target.put("name", whole);
    target.put("title", title.length() > 256 ? title.substring(0, 256) : title);
    String description = node.path("description").asText("");
    if (!description.isEmpty()) {
      target.put(
          "description",
          description.length() > 4_000 ? description.substring(0, 4_000) : description);
    }
    target.put("severity", level(node.path("level").asText("medium")));
    ArrayNode tags = target.putArray("tags");
    for (JsonNode tag : node.path("tags")) {
      String text = tag.asText().toLowerCase(Locale.ROOT);
      if (TAG.matcher(text).matches() && tags.size() < TAGS_MAX) {
        tags.add(text);
      }
    }
    return target;
  }

  private static String level(String level) {
    return switch (level) {
      case "informational", "low", "medium", "high", "critical" -> level;
      default ->
          throw new InvalidRuleException(
              "level", "'" + level + "': informational, low, medium, high or critical expected");
    };
  }
}
