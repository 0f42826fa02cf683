package io.sworn.filter.redact;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happens to a value. Within documents and arrays it happens to each leaf. */
public enum RedactionAction {
  /** The member is removed; an array element becomes null, so that the others keep their index. */
  DROP,
  /** {@code "***"}. */
  MASK,
  /** The name of its BSON type in angle brackets, e.g. {@code "<string>"}. */
  TYPE,
  /** A keyed hash: equal values have equal tokens, as long as the key is the same. */
  TOKEN,
  /** Nothing happens to a single value, though a rule covers the document around it. */
  KEEP;

  /**
   * The action that a configuration names, in lower case.
   *
   * @throws SwornException naming the known ones
   */
  public static RedactionAction of(String name) {
    return Arrays.stream(values())
        .filter(action -> action.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new SwornException(
                    ErrorCode.CONFIGURATION,
                    "action '"
                        + name
                        + "': one of "
                        + Arrays.stream(values())
                            .map(RedactionAction::text)
                            .collect(Collectors.joining(", "))));
  }

  /** As a configuration names it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
