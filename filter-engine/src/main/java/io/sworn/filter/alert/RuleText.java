package io.sworn.filter.alert;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * YAML, of which JSON is a part, read with limits: {@value #TEXT_CHARS_MAX} characters, {@value
 * #DOCUMENTS_MAX} documents, {@value #DEPTH_MAX} levels, no key twice, no aliases and no tags. An
 * alias can blow a small text up to gigabytes, and no rule needs one.
 */
public final class RuleText {

  private static final int TEXT_CHARS_MAX = 1 << 20;
  private static final int DOCUMENTS_MAX = 1_000;
  private static final int DEPTH_MAX = 100;

  private static final YAMLMapper YAML = new YAMLMapper(factory());

  private RuleText() {}

  /** A document of a text, and where in the text its values stand. */
  public static final class Document {
    private final JsonNode node;
    private final Places places;
    private final int first;

    private Document(JsonNode node, Places places, int first) {
      this.node = node;
      this.places = places;
      this.first = first;
    }

    /** What it says. */
    public JsonNode node() {
      return node;
    }

    /** The same problem of this document, with line and column of the text. */
    public InvalidRuleException placed(InvalidRuleException e) {
      return e.place().isEmpty()
          ? new InvalidRuleException(place(e.path()), e.path(), e.reason())
          : e;
    }

    /** Where {@code path} stands, or as much of it as there is. */
    private String place(String path) {
      Finder finder = new Finder(path, first);
      finder.value(node, 0);
      return places.get(finder.best);
    }
  }

  /** Places of all values, in the order of the text. */
  private static final class Places {
    private int[] lines = new int[64];
    private int[] columns = new int[64];
    private int size;

    void add(JsonLocation at) {
      if (size == lines.length) {
        lines = Arrays.copyOf(lines, 2 * size);
        columns = Arrays.copyOf(columns, 2 * size);
      }
      lines[size] = at.getLineNr();
      columns[size++] = at.getColumnNr();
    }

    String get(int n) {
      return YamlFault.place(lines[n], columns[n]);
    }
  }

  private static YAMLFactory factory() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(TEXT_CHARS_MAX);
    options.setNestingDepthLimit(DEPTH_MAX);
    options.setMaxAliasesForCollections(0);
    options.setAllowDuplicateKeys(false);
    return YAMLFactory.builder()
        .loaderOptions(options)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH_MAX)
                .maxStringLength(TEXT_CHARS_MAX)
                .build())
        .build();
  }

  /**
   * All documents of a text, empty ones left out. A document that is a list stands for its items.
   *
   * @throws InvalidRuleException with line, column and reason
   */
  public static List<Document> documents(String text) {
    if (text.length() > TEXT_CHARS_MAX) {
      throw new InvalidRuleException(
          "", text.length() + " characters: at most " + TEXT_CHARS_MAX + ", split the file");
    }
    try {
      Places places = places(text);
      List<Document> documents = new ArrayList<>();
      int next = 0;
      try (YAMLParser parser = YAML.getFactory().createParser(text)) {
        while (parser.nextToken() != null) {
          JsonNode whole = YAML.readTree(parser);
          next += whole.isArray() ? 1 : 0;
          for (JsonNode node : whole.isArray() ? whole : List.of(whole)) {
            if (!isEmpty(node)) {
              documents.add(new Document(node, places, next));
            }
            next += values(node);
            if (documents.size() > DOCUMENTS_MAX) {
              throw new InvalidRuleException(
                  "", "more than " + DOCUMENTS_MAX + " documents: split the file");
            }
          }
        }
      }
      return documents;
    } catch (JsonProcessingException e) {
      YamlFault fault = YamlFault.of(e, text);
      throw new InvalidRuleException(fault.place(), "", fault.words());
    } catch (IOException e) {
      throw new UncheckedIOException("a text in memory cannot be read", e);
    }
  }

  /** Between two separators without anything the parser finds an empty text. */
  private static boolean isEmpty(JsonNode document) {
    return document.isNull()
        || document.isMissingNode()
        || (document.isTextual() && document.asText().isEmpty());
  }

  /** A value and all that it holds. */
  private static int values(JsonNode node) {
    int values = 1;
    for (JsonNode member : node) {
      values += values(member);
    }
    return values;
  }

  private static Places places(String text) throws IOException {
    Places places = new Places();
    try (YAMLParser parser = YAML.getFactory().createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        JsonLocation at = parser.currentTokenLocation();
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
          throw new InvalidRuleException(
              YamlFault.place(at.getLineNr(), at.getColumnNr()),
              "",
              "an anchor or an alias, '&' or '*': write the value out, or put it into quotes");
        }
        if (token.isStructStart() || token.isScalarValue()) {
          places.add(at);
        }
      }
    } catch (StreamConstraintsException e) { // tells no place: that of what holds it will do
      String place = places.size == 0 ? "" : places.get(places.size - 1);
      throw new InvalidRuleException(place, "", YamlFault.of(e, text).words());
    }
    return places;
  }

  /** Looks for a value by its path; remembers the innermost on the way to it. */
  private static final class Finder {
    private final String path;
    private int at;
    private int found = -1;
    private int best;

    Finder(String path, int first) {
      this.path = path;
      this.at = first;
      this.best = first;
    }

    /**
     * Passes a value; {@code matched} characters of the path lead to it, -1 = it lies elsewhere.
     */
    void value(JsonNode node, int matched) {
      if (matched > found) {
        found = matched;
        best = at;
      }
      at++;
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        String key = member.getKey();
        value(member.getValue(), after(matched, matched == 0 ? key : "." + key));
      }
      if (node.isArray()) {
        for (int i = 0; i < node.size(); i++) {
          value(node.get(i), after(matched, "[" + i + "]"));
        }
      }
    }

    private int after(int matched, String step) {
      int end = matched + step.length();
      return matched >= 0
              && path.startsWith(step, matched)
              && (end == path.length() || path.charAt(end) == '.' || path.charAt(end) == '[')
          ? end
          : -1;
    }
  }
}
