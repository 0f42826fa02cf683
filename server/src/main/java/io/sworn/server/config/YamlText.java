package io.sworn.server.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads a file of YAML; says where it is none and what to do, in words of ours. */
final class YamlText {

  private static final YAMLMapper MAPPER =
      new YAMLMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private static final Pattern DUPLICATE = Pattern.compile("Duplicate field '(.*)'");
  private static final Pattern NO_BEGIN = Pattern.compile("found character '([^\\\\])' that .*");

  private YamlText() {}

  /**
   * What the file says.
   *
   * @throws SwornException with the place as {@code file:line:column}
   */
  static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      if (e.getCause() instanceof MarkedYAMLException marked) {
        throw wrong(file, place(marked), words(String.valueOf(marked.getProblem())), e);
      }
      JsonLocation at = e.getLocation();
      String place = at == null ? "" : place(at.getLineNr(), at.getColumnNr());
      throw wrong(file, place, words(String.valueOf(e.getOriginalMessage())), e);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "configuration " + file + " cannot be read: " + LocalFiles.reason(e, file),
          e);
    }
  }

  private static SwornException wrong(Path file, String place, String words, Exception cause) {
    return new SwornException(ErrorCode.CONFIGURATION, file + place + ": " + words, cause);
  }

  /** Where it stopped, or where that began which has no end. */
  private static String place(MarkedYAMLException marked) {
    boolean open = String.valueOf(marked.getProblem()).contains("unexpected end of stream");
    Mark mark = open ? marked.getContextMark() : marked.getProblemMark();
    return mark == null ? "" : place(mark.getLine() + 1L, mark.getColumn() + 1L);
  }

  private static String place(long line, long column) {
    return ":" + line + ":" + column;
  }

  /** What the parser found, with the remedy. Its own texts name its tokens and repeat the line. */
  private static String words(String problem) {
    Matcher duplicate = DUPLICATE.matcher(problem);
    if (duplicate.find()) {
      return "'" + duplicate.group(1) + "' is given twice: keep one of them";
    }
    if (problem.contains("\\t")) {
      return "a tab at the beginning of a line: indent with spaces";
    }
    Matcher noBegin = NO_BEGIN.matcher(problem);
    if (noBegin.find()) {
      return "no value may begin with " + noBegin.group(1) + ": put it into quotes";
    }
    if (problem.contains("mapping values are not allowed")) {
      return "a second ': ' in one line, or a line that is indented too far: put the value into"
          + " quotes, or correct the indentation";
    }
    if (problem.contains("unexpected end of stream")) {
      return "a quote that is never closed: close it";
    }
    if (problem.contains("<stream end>")) {
      return "the file ends within a [ or a {: close it";
    }
    if (problem.contains("<block end>")) {
      return "this line's indentation is that of no line above: align the keys of one mapping";
    }
    if (problem.contains("expected ',' or")) {
      return "a list or mapping in brackets is not closed, or a comma is missing in it: add it";
    }
    return "this is no YAML: look at the quotes, colons and indentation of this line and the one"
        + " above";
  }
}
