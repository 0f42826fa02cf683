package io.sworn.filter.stream;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.filter.matcher.Judging;
import io.sworn.filter.redact.Redaction;
import io.sworn.filter.redact.RouteRedactions;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forms of one event for its routes; routes with the same rules share one. Reusable, not
 * thread-safe.
 */
final class RouteCopies {

  /**
   * What travels.
   *
   * @param redacted paths that were redacted, comma-separated, empty if the bytes are the original
   */
  record Copy(byte[] value, String redacted) {}

  private final RouteRedactions redactions;
  private final Map<Redaction, Copy> made = new IdentityHashMap<>(2);
  private Copy original = new Copy(new byte[0], "");
  private @Nullable Judging judging;
  private @Nullable AuditEvent event;

  RouteCopies(RouteRedactions redactions) {
    this.redactions = redactions;
  }

  /** Takes up the event that {@code from} has read. */
  void take(byte[] frame, Judging from) {
    judging = from;
    original = new Copy(frame, "");
    event = null;
    if (!made.isEmpty()) {
      made.clear();
    }
  }

  /**
   * The copy of the event for one route.
   *
   * @throws io.sworn.event.UnreadableEventException if the event cannot be redacted
   */
  Copy of(String route) {
    Redaction redaction = redactions.of(route);
    if (redaction.rules().isEmpty()) {
      return original;
    }
    Copy known = made.get(redaction);
    if (known == null) {
      known = make(redaction);
      made.put(redaction, known);
    }
    return known;
  }

  /** The rules of a route. */
  Redaction rules(String route) {
    return redactions.of(route);
  }

  /**
   * Most rules are about {@code param} alone, and then nothing else is decoded or encoded. Events
   * of Sworn's own are seldom, and what an alert repeats is found in the decoded event.
   */
  private Copy make(Redaction redaction) {
    Judging encoded = judging;
    if (encoded != null && redaction.paramOnly() && encoded.paramIsWhole() && !encoded.isOwn()) {
      Redaction.RedactedParam param = redaction.applyToParam(encoded.param());
      return param.paths().isEmpty()
          ? original
          : new Copy(encoded.withParam(param.bytes()), String.join(",", param.paths()));
    }
    Redaction.Redacted redacted = redaction.apply(event());
    return redacted.paths().isEmpty()
        ? original
        : new Copy(AuditEventCodec.encode(redacted.event()), String.join(",", redacted.paths()));
  }

  /** Decoded for the first route that redacts more than {@code param}: filters judge the bytes. */
  private AuditEvent event() {
    AuditEvent decoded = event;
    if (decoded == null) {
      decoded = AuditEventCodec.decode(original.value());
      event = decoded;
    }
    return decoded;
  }
}
