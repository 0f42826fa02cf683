package io.sworn.console;

import java.time.Instant;
import java.util.Optional;

/**
 * One line in the list of alert rules.
 *
 * @param name of the rule
 * @param version which one is current
 * @param enabled whether it makes alerts
 * @param severity informational, low, medium, high or critical
 * @param type such as {@code threshold}
 * @param title for people
 * @param author who made this version
 * @param reason why
 * @param changed when; empty if it is as it came
 */
public record RuleLine(
    String name,
    int version,
    boolean enabled,
    String severity,
    String type,
    String title,
    String author,
    String reason,
    Optional<Instant> changed) {}
