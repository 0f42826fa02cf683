package io.sworn.filter;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Keys in the topic of definitions, which filters and alert rules share. */
public final class DefinitionKey {

  private static final String ALERT = "alert/"; // no name has a slash

  private DefinitionKey() {}

  /** What a record defines. */
  public enum Kind {
    /** A filter, under its bare name. */
    FILTER(""),
    /** An alert rule. */
    ALERT_RULE(ALERT);

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }

    /** The key of {@code name} or {@code name@version}. */
    public String of(String name) {
      return prefix + name;
    }

    /** The kind that a key names. */
    public static Kind of(byte @Nullable [] key) {
      return key != null && new String(key, StandardCharsets.UTF_8).startsWith(ALERT)
          ? ALERT_RULE
          : FILTER;
    }
  }
}
