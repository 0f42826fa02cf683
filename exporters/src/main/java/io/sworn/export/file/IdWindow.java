package io.sworn.export.file;

import io.sworn.event.EventId;
import java.util.LinkedHashSet;

/** The newest ids, a bounded number of them. */
final class IdWindow {

  private final int max;
  private final LinkedHashSet<EventId> ids = new LinkedHashSet<>();

  IdWindow(int max) {
    this.max = max;
  }

  boolean contains(EventId id) {
    return ids.contains(id);
  }

  void add(EventId id) {
    if (ids.add(id) && ids.size() > max) {
      var oldest = ids.iterator();
      oldest.next();
      oldest.remove();
    }
  }
}
