package io.sworn.filter.alert;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.sworn.filter.language.Text;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Why a text is no YAML, in words of ours: the parser's own texts name its tokens and classes and
 * repeat what stands there, however long it is.
 *
 * @param place {@code :line:column} from 1, to be put behind a file's name; empty = unknown
 * @param words what was found and what to write instead, in one short line
 */
public record YamlFault(String place, String words) {

  private static final String GENERAL =
      "this is no YAML: look at the quotes, colons and indentation of this line and the one above";

  private static final Pattern DUPLICATE = Pattern.compile("Duplicate field '(.*)'");
  private static final Pattern NUMBER = Pattern.compile("Malformed numeric value '(.*)'");
  private static final Pattern NO_BEGIN = Pattern.compile("found character '([^\\\\])' that .*");
  private static final Pattern LEVELS =
      Pattern.compile("nesting depth .* maximum allowed \\((\\d+)");

  /**
   * What a parser of Jackson found.
   *
   * @param text what was read
   */
  public static YamlFault of(JsonProcessingException error, String text) {
    Throwable cause = error.getCause();
    if (cause instanceof ReaderException) {
      return unprintable(text);
    }
    if (cause instanceof MarkedYAMLException marked) {
      return of(marked);
    }
    JsonLocation at = error.getLocation();
    String place = at == null ? "" : place(at.getLineNr(), at.getColumnNr());
    String problem = Objects.requireNonNullElse(error.getOriginalMessage(), "");
    if (error instanceof StreamConstraintsException) {
      Matcher levels = LEVELS.matcher(problem);
      return new YamlFault(
          place,
          levels.find()
              ? "more than " + levels.group(1) + " levels within each other: nest less"
              : "a number or a text that is too long: shorten it");
    }
    Matcher duplicate = DUPLICATE.matcher(problem);
    if (duplicate.find()) {
      return new YamlFault(
          place, Text.quoted(duplicate.group(1)) + " is given twice: keep one of them");
    }
    Matcher number = NUMBER.matcher(problem);
    if (number.find()) {
      return new YamlFault(
          place,
          Text.quoted(number.group(1)) + " is no number: write digits, or put it into quotes");
    }
    if (problem.contains("Expected a field name")) {
      return new YamlFault(place, "a key that is a list or a mapping: a text expected");
    }
    return new YamlFault(place, GENERAL);
  }

  private static YamlFault of(MarkedYAMLException marked) {
    String problem = Objects.requireNonNullElse(marked.getProblem(), "");
    // Where it stopped, or where that began which has no end.
    boolean open =
        problem.contains("unexpected end of stream")
            || problem.contains("could not find expected ':'");
    Mark mark = open ? marked.getContextMark() : marked.getProblemMark();
    return new YamlFault(
        mark == null ? "" : place(mark.getLine() + 1L, mark.getColumn() + 1L),
        words(problem, Objects.requireNonNullElse(marked.getContext(), "")));
  }

  private static String words(String problem, String context) {
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
    if (problem.contains("mapping keys are not allowed")) {
      return "no value may begin with '? ': put it into quotes";
    }
    if (problem.contains("unexpected end of stream")) {
      return "a quote that is never closed: close it";
    }
    if (problem.contains("could not find expected ':'")) {
      return "a line that is neither 'key: value' nor part of a list, or a key of more than 1,024"
          + " characters: write 'key: value'";
    }
    if (problem.contains("<stream end>")) {
      return "the file ends within a [ or a {: close it";
    }
    if (problem.contains("found ']'") || problem.contains("found '}'")) {
      return "a bracket is closed here that was never opened: take it out";
    }
    if (problem.contains("<block end>")) {
      return "this line's indentation is that of no line above: align the keys of one mapping";
    }
    if (problem.contains("expected ',' or")) {
      return "a list or mapping in brackets is not closed, or a comma is missing in it: add it";
    }
    if (problem.contains("<document start>") || problem.contains("directive")) {
      return "text between two documents, or a line with % before one: begin each document with a"
          + " line of its own, ---";
    }
    return switch (context) {
      case "while scanning a double-quoted scalar" ->
          "no escape of YAML in double quotes: write the backslash twice, or use single quotes";
      case "while scanning an alias", "while scanning an anchor", "while scanning a tag" ->
          "no value may begin with *, & or !: put it into quotes";
      case "while scanning a block scalar" ->
          "behind | or > stand only + or - and a digit from 1 to 9: put the text on the next line";
      default -> GENERAL;
    };
  }

  /** The parser tells only how many characters it had read. */
  private static YamlFault unprintable(String text) {
    long line = 1;
    long column = 1;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (!StreamReader.isPrintable(c)) {
        return new YamlFault(
            place(line, column),
            String.format(
                Locale.ROOT,
                "character U+%04X, which no YAML may hold: a text file in UTF-8 expected",
                c));
      }
      column = c == '\n' ? 1 : column + 1;
      line += c == '\n' ? 1 : 0;
      i += Character.charCount(c);
    }
    return new YamlFault("", GENERAL);
  }

  static String place(long line, long column) {
    return ":" + line + ":" + column;
  }
}
