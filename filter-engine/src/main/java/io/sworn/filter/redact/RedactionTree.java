package io.sworn.filter.redact;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules by path: one node per segment, so that a document is walked once for all of them. */
final class RedactionTree {

  private static final byte[] ANY = {'*'};

  private final byte[] name;
  private final List<RedactionTree> children = new ArrayList<>();
  private @Nullable RedactionAction action;
  private String path = "";

  private RedactionTree(byte[] name) {
    this.name = name;
  }

  static RedactionTree of(List<RedactionRule> rules) {
    RedactionTree root = new RedactionTree(ANY);
    for (RedactionRule rule : rules) {
      RedactionTree node = root;
      for (String segment : rule.segments()) {
        node = node.child(segment.getBytes(StandardCharsets.UTF_8));
      }
      node.action = stricter(node.action, rule.action());
      node.path = rule.path();
    }
    return root;
  }

  /** Where two rules meet, the one that tells less wins. */
  static @Nullable RedactionAction stricter(
      @Nullable RedactionAction a, @Nullable RedactionAction b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  private RedactionTree child(byte[] segment) {
    for (RedactionTree child : children) {
      if (Arrays.equals(child.name, segment)) {
        return child;
      }
    }
    RedactionTree child = new RedactionTree(segment);
    children.add(child);
    return child;
  }

  /** The rules below a first segment, for a document that is the value of that member. */
  RedactionTree below(String segment) {
    return child(segment.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * What happens to some value at a path that is told elsewhere as text, or below it: the strictest
   * action of any rule that may cover it. Such a text no longer says whether it was a single value,
   * so {@link RedactionAction#KEEP} has no say.
   *
   * @param segments path, in which elements of arrays are not named
   */
  @Nullable RedactionAction covering(String[] segments) {
    return covering(segments, 0);
  }

  private @Nullable RedactionAction covering(String[] segments, int at) {
    RedactionAction strictest = action == RedactionAction.KEEP ? null : action;
    for (RedactionTree child : children) {
      boolean any = Arrays.equals(child.name, ANY);
      if (at == segments.length) {
        strictest = stricter(strictest, child.covering(segments, at));
        continue;
      }
      if (any || Arrays.equals(child.name, segments[at].getBytes(StandardCharsets.UTF_8))) {
        strictest = stricter(strictest, child.covering(segments, at + 1));
      }
      if (any || child.isNumber()) { // may name an element of an array on the way
        strictest = stricter(strictest, child.covering(segments, at));
      }
    }
    return strictest;
  }

  /** Whether some rule does more than keep. */
  boolean redacts() {
    return (action != null && action != RedactionAction.KEEP)
        || children.stream().anyMatch(RedactionTree::redacts);
  }

  private boolean isNumber() {
    for (byte one : name) {
      if (one < '0' || one > '9') {
        return false;
      }
    }
    return true;
  }

  @Nullable RedactionAction action() {
    return action;
  }

  /** The path of the rule that ends here. */
  String path() {
    return path;
  }

  /** Adds the children that a member's name, a part of {@code bytes}, leads to. */
  void follow(byte[] bytes, int from, int to, List<RedactionTree> into) {
    for (RedactionTree child : children) {
      if (Arrays.equals(child.name, ANY)
          || Arrays.equals(child.name, 0, child.name.length, bytes, from, to)) {
        into.add(child);
      }
    }
  }
}
