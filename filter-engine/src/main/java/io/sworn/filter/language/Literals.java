package io.sworn.filter.language;

import io.sworn.filter.InvalidFilterException;
import java.util.Set;
import org.bson.BsonValue;

/** Checks values that a filter compares with. */
final class Literals {

  private static final Set<String> TYPED =
      Set.of(
          "$date",
          "$oid",
          "$numberLong",
          "$numberInt",
          "$numberDouble",
          "$numberDecimal",
          "$binary",
          "$uuid",
          "$timestamp",
          "$minKey",
          "$maxKey",
          "$undefined",
          "$symbol",
          "$regularExpression",
          "$dbPointer",
          "$code",
          "$scope");

  private Literals() {}

  /** Whether {@code key} begins a typed value of extended JSON. */
  static boolean isTypedValue(String key) {
    return TYPED.contains(key);
  }

  /** Refuses typed values that are none (a date that is no date): they could never match. */
  static void check(BsonValue value, String at, int depth) {
    FilterParser.checkDepth(depth, at);
    if (value.isArray()) {
      value.asArray().forEach(item -> check(item, at, depth + 1));
    } else if (value.isDocument()) {
      value
          .asDocument()
          .forEach(
              (key, member) -> {
                if (isTypedValue(key)) {
                  throw new InvalidFilterException(
                      at, Text.of(member) + " is no valid " + key + " of extended JSON");
                }
                check(member, at + "." + key, depth + 1);
              });
    }
  }
}
