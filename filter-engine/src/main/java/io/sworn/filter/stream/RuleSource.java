package io.sworn.filter.stream;

import io.sworn.filter.alert.AlertRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the halves of the alert topology ask which rules are in force. Safe for any thread. */
interface RuleSource {

  /**
   * Rules in force.
   *
   * @param generation grows with each change; the same number is the same change wherever the topic
   *     of definitions is followed
   */
  record Active(long generation, List<AlertRule> rules) {
    /** Copies the rules. */
    public Active {
      rules = List.copyOf(rules);
    }
  }

  /** The rules in force now. */
  Active active();

  /** The rule with this {@link AlertRule#key()}, in force or not any more; null if unknown. */
  @Nullable AlertRule former(String key);

  /**
   * Rules at least as new as {@code generation}; waits for them a bounded time.
   *
   * @throws io.sworn.event.SwornException if they do not come
   */
  Active atLeast(long generation);

  /** Rules that never change. */
  static RuleSource fixed(List<AlertRule> rules) {
    Active active = new Active(0, rules);
    return new RuleSource() {
      @Override
      public Active active() {
        return active;
      }

      @Override
      public @Nullable AlertRule former(String key) {
        return null;
      }

      @Override
      public Active atLeast(long generation) {
        return active;
      }
    };
  }
}
