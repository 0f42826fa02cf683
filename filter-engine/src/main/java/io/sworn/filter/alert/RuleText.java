package io.sworn.filter.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
   * All documents of a text, empty ones left out.
   *
   * @throws InvalidRuleException with line and reason
   */
  public static List<JsonNode> documents(String text) {
    if (text.length() > TEXT_CHARS_MAX) {
      throw new InvalidRuleException(
          "", text.length() + " characters: at most " + TEXT_CHARS_MAX + ", split the file");
    }
    try {
      refuseAliases(text);
      List<JsonNode> documents = new ArrayList<>();
      try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(text)) {
        while (all.hasNext()) {
          JsonNode next = all.next();
          if (next != null && !isEmpty(next)) {
            documents.add(next);
          }
          if (documents.size() > DOCUMENTS_MAX) {
            throw new InvalidRuleException(
                "", "more than " + DOCUMENTS_MAX + " documents: split the file");
          }
        }
      }
      return documents;
    } catch (JsonProcessingException e) {
      throw new InvalidRuleException(
          "",
          "no YAML"
              + (e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr())
              + ": "
              + String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse(""));
    } catch (IOException | org.yaml.snakeyaml.error.YAMLException e) {
      throw new InvalidRuleException(
          "", "no YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** Between two separators without anything the parser finds an empty text. */
  private static boolean isEmpty(JsonNode document) {
    return document.isNull()
        || document.isMissingNode()
        || (document.isTextual() && document.asText().isEmpty());
  }

  private static void refuseAliases(String text) throws IOException {
    try (YAMLParser parser = YAML.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
          throw new InvalidRuleException(
              "",
              "anchor or alias in line "
                  + parser.currentLocation().getLineNr()
                  + ": write the value out");
        }
      }
    }
  }
}
