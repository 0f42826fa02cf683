package io.sworn.filter.stream;

import io.sworn.filter.FilterSet;
import java.util.function.BooleanSupplier;

/** Where the filters that judge come from. Safe for many threads. */
@FunctionalInterface
public interface FilterSource {

  /** The filters that judge at this moment. */
  FilterSet active();

  /**
   * Tells, when it is asked, whether {@link #active} holds every definition that was in the topic
   * when this method was called. A source that is never behind need not say so.
   */
  default BooleanSupplier readUntilNow() {
    return () -> true;
  }
}
