package io.sworn.filter.matcher;

import io.sworn.filter.Decision;

/**
 * Truth values as numbers, so that a conjunction is the least, a disjunction the greatest, and the
 * complement of x is 2 - x.
 */
final class Truth {

  static final int NO = 0;
  static final int UNKNOWN = 1;
  static final int YES = 2;

  private Truth() {}

  static int of(boolean holds) {
    return holds ? YES : NO;
  }

  static int of(Decision decision) {
    return switch (decision) {
      case DROP -> NO;
      case UNDECIDABLE -> UNKNOWN;
      case KEEP -> YES;
    };
  }

  static Decision decision(int truth) {
    return truth == YES ? Decision.KEEP : truth == NO ? Decision.DROP : Decision.UNDECIDABLE;
  }
}
