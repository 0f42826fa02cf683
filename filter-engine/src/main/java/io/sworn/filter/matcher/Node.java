package io.sworn.filter.matcher;

import java.util.List;

/** A part of a compiled filter. Immutable. */
abstract class Node {

  /**
   * What it says.
   *
   * @param root the value to judge, an element of an array, or -1 for the whole message
   */
  abstract int of(Judging judging, int root);

  /** The least of its parts; {@link Truth#YES} without parts. */
  static final class All extends Node {
    final Node[] parts;

    All(List<Node> parts) {
      this.parts = parts.toArray(new Node[0]);
    }

    @Override
    int of(Judging judging, int root) {
      int truth = Truth.YES;
      for (Node part : parts) {
        truth = Math.min(truth, part.of(judging, root));
        if (truth == Truth.NO) {
          break;
        }
      }
      return truth;
    }
  }

  /** The greatest of its parts; {@link Truth#NO} without parts. */
  static final class Any extends Node {
    final Node[] parts;

    Any(List<Node> parts) {
      this.parts = parts.toArray(new Node[0]);
    }

    @Override
    int of(Judging judging, int root) {
      int truth = Truth.NO;
      for (int i = 0; i < parts.length && truth != Truth.YES; i++) {
        truth = Math.max(truth, parts[i].of(judging, root));
      }
      return truth;
    }
  }

  /** The complement. */
  static final class Not extends Node {
    final Node part;

    Not(Node part) {
      this.part = part;
    }

    @Override
    int of(Judging judging, int root) {
      return Truth.YES - part.of(judging, root);
    }
  }

  /** A condition on some value that a path leads to from the message; evaluated once per event. */
  static final class Field extends Node {
    final int id;
    final Path path;
    final ValueTest test;

    Field(int id, Path path, ValueTest test) {
      this.id = id;
      this.path = path;
      this.test = test;
    }

    @Override
    int of(Judging judging, int root) {
      return judging.field(this);
    }

    int evaluate(Judging judging) {
      Values values = judging.values();
      int begin = judging.locate(path);
      return some(test, judging, values, begin, judging.end(path));
    }
  }

  /** A condition on some value that a path leads to from an element of an array. */
  static final class ElementField extends Node {
    private final Path path;
    private final ValueTest test;

    ElementField(Path path, ValueTest test) {
      this.path = path;
      this.test = test;
    }

    @Override
    int of(Judging judging, int root) {
      Values values = judging.values();
      if (path.size == 0) {
        return test.of(judging, values, root);
      }
      int mark = values.size();
      judging.walker().fromElement(path, root);
      int truth = some(test, judging, values, mark, values.size());
      values.truncate(mark);
      return truth;
    }
  }

  /** Whether some value of a range meets a test. */
  private static int some(ValueTest test, Judging judging, Values values, int begin, int end) {
    int truth = Truth.NO;
    for (int i = begin; i < end && truth != Truth.YES; i++) {
      if (!values.isElement(i) || !test.wholeArrays()) {
        truth = Math.max(truth, test.of(judging, values, i));
      }
    }
    return truth;
  }
}
