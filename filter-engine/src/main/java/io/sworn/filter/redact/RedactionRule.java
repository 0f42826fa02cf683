package io.sworn.filter.redact;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.util.List;
import java.util.Set;

/**
 * One path and what happens to its values.
 *
 * @param path dotted, as in filters: arrays are walked, a number names an element; {@code *} stands
 *     for any one segment
 * @param action what happens there
 */
public record RedactionRule(String path, RedactionAction action) {

  private static final int SEGMENTS_MAX = 32;
  private static final Set<String> NEEDED = Set.of("atype", "ts", "result");

  /**
   * Checks the path.
   *
   * @throws SwornException if nothing could be matched by it, or if the event would be none without
   */
  public RedactionRule {
    List<String> segments = List.of(path.split("\\.", -1));
    if (segments.size() > SEGMENTS_MAX || segments.stream().anyMatch(String::isEmpty)) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "path '" + path + "': 1 to " + SEGMENTS_MAX + " segments, none of them empty");
    }
    if (path.indexOf('\0') >= 0) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, "path with a NUL: no field has such a name");
    }
    if (NEEDED.contains(segments.get(0)) || segments.get(0).equals("*")) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "path '" + path + "': an event needs its atype, ts and result; name another member");
    }
  }

  List<String> segments() {
    return List.of(path.split("\\.", -1));
  }
}
