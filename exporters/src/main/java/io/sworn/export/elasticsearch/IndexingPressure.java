package io.sworn.export.elasticsearch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads why a node has no room for a request. Usually it is busy, and the request fits later; but
 * one that needs more than the node ever gives (a tenth of its heap, {@code
 * indexing_pressure.memory.limit}) will not fit however long we wait.
 *
 * <p>The words are those of Elasticsearch's {@code es_rejected_execution_exception}, 8.x and 9.x:
 * {@code ..., coordinating_operation_bytes=900, max_coordinating_bytes=300]}.
 */
final class IndexingPressure {

  private static final Pattern NEEDED =
      Pattern.compile("(?:coordinating|primary|replica)_operation_bytes=(\\d{1,18})");
  private static final Pattern LIMIT = Pattern.compile("max_[a-z_]*bytes=(\\d{1,18})");

  private IndexingPressure() {}

  /** Whether the answer says that the request alone is over the limit. */
  static boolean neverFits(String answer) {
    Matcher needed = NEEDED.matcher(answer);
    Matcher limit = LIMIT.matcher(answer);
    return needed.find()
        && limit.find()
        && Long.parseLong(needed.group(1)) > Long.parseLong(limit.group(1));
  }
}
