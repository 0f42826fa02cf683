package io.sworn.filter.stream;

import io.sworn.event.RouteHeaders;
import io.sworn.event.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Topics of routes and headers with the names of filters, each made once: they are the same for
 * event after event. Not thread-safe.
 */
final class RouteTopics {

  /** Combinations of filters that are remembered; beyond, all are made anew. */
  private static final int HEADERS_MAX = 1_000;

  private final Topics topics;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, Header> headers = new HashMap<>();

  RouteTopics(Topics topics) {
    this.topics = topics;
  }

  /** The topic of a route. */
  String topic(String route) {
    return names.computeIfAbsent(route, topics::route);
  }

  /** The header that names the filters. */
  Header filters(String labels) {
    if (headers.size() >= HEADERS_MAX) {
      headers.clear();
    }
    return headers.computeIfAbsent(labels, RouteTopics::header);
  }

  private static Header header(String labels) {
    return new RecordHeader(RouteHeaders.FILTERS, labels.getBytes(StandardCharsets.UTF_8));
  }
}
