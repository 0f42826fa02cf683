package io.sworn.export.loopback;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What arrived: each id with how often, and the newest texts. Any thread. */
final class ReceivedEvents {

  private static final int TEXTS_MAX = 10_000;

  private final Map<String, Integer> timesById = new LinkedHashMap<>();
  private final Deque<String> texts = new ArrayDeque<>();
  private long total;

  synchronized void add(String id, String text) {
    total++;
    timesById.merge(id, 1, Integer::sum);
    texts.add(text);
    if (texts.size() > TEXTS_MAX) {
      texts.remove();
    }
  }

  synchronized Set<String> ids() {
    return Set.copyOf(timesById.keySet());
  }

  synchronized long total() {
    return total;
  }

  synchronized int distinct() {
    return timesById.size();
  }

  synchronized List<String> texts() {
    return new ArrayList<>(texts);
  }
}
