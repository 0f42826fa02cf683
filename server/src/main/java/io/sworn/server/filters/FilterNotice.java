package io.sworn.server.filters;

import java.util.List;

/** Told of a change of filters before it takes effect; what it throws prevents the change. */
@FunctionalInterface
public interface FilterNotice {

  /** The filter is about to get this version. */
  void putting(String name, String filter, List<String> routes, boolean shadow, String reason);
}
