package io.sworn.filter.matcher;

import io.sworn.filter.language.Condition.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Bounds in order, per class of types: only those that hold are visited, and one more. */
final class RangeIndex {

  /** A bound and what it leads to. */
  record Entry(Relation relation, Literal literal, Partition target) {

    boolean isLower() {
      return relation == Relation.GREATER || relation == Relation.GREATER_OR_EQUAL;
    }
  }

  /** Lower bounds from the least on, upper bounds from the greatest on. */
  private record Bounds(List<Entry> lower, List<Entry> upper) {}

  private final Map<Integer, Bounds> byClass = new TreeMap<>();
  private final int[] classes;
  private final Entry[][] lower;
  private final Entry[][] upper;

  RangeIndex(List<Entry> all) {
    for (Entry entry : all) {
      Bounds bounds =
          byClass.computeIfAbsent(
              entry.literal().typeClass, c -> new Bounds(new ArrayList<>(), new ArrayList<>()));
      (entry.isLower() ? bounds.lower() : bounds.upper()).add(entry);
    }
    classes = byClass.keySet().stream().mapToInt(c -> c).toArray();
    lower = new Entry[classes.length][];
    upper = new Entry[classes.length][];
    int n = 0;
    for (Bounds bounds : byClass.values()) {
      bounds.lower().sort((a, b) -> a.literal().order(b.literal()));
      bounds.upper().sort((a, b) -> b.literal().order(a.literal()));
      lower[n] = bounds.lower().toArray(new Entry[0]);
      upper[n++] = bounds.upper().toArray(new Entry[0]);
    }
  }

  void visit(Judging judging, Values values, int i) {
    int type = values.type(i);
    if (type == EncodedBson.MISSING || ValueTest.Ordered.isNaN(values, i)) {
      return; // bounds that NaN can meet are not kept here
    }
    int typeClass = EncodedOrder.typeClass(type);
    for (int n = 0; n < classes.length; n++) {
      if (classes[n] == typeClass) {
        lower(judging, values, i, lower[n]);
        upper(judging, values, i, upper[n]);
      }
    }
  }

  private static void lower(Judging judging, Values values, int i, Entry[] entries) {
    for (Entry entry : entries) {
      int order = entry.literal().order(values, i);
      if (order < 0) {
        return;
      }
      if (order > 0 || entry.relation() == Relation.GREATER_OR_EQUAL) {
        entry.target().visit(judging);
      }
    }
  }

  private static void upper(Judging judging, Values values, int i, Entry[] entries) {
    for (Entry entry : entries) {
      int order = entry.literal().order(values, i);
      if (order > 0) {
        return;
      }
      if (order < 0 || entry.relation() == Relation.LESS_OR_EQUAL) {
        entry.target().visit(judging);
      }
    }
  }
}
