package io.sworn.filter.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.filter.AuditFilter;
import io.sworn.filter.Decision;
import io.sworn.filter.FilterWarning.Kind;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;

/** What a filter's warnings claim, held against messages by the reference evaluator. */
final class Claims {

  private Claims() {}

  /** Fails if a claim is not true of a message; returns the claim. */
  static Optional<Kind> check(AuditFilter filter, List<BsonDocument> messages) {
    Optional<Kind> claim = Optional.empty();
    for (var warning : filter.warnings()) {
      boolean never = warning.kind() == Kind.NEVER_MATCHES;
      if (never || warning.kind() == Kind.MATCHES_ALL) {
        claim = Optional.of(warning.kind());
        boolean all = warning.message().equals("matches every event");
        for (BsonDocument message : messages) {
          if (never || all || message.containsKey("atype")) {
            assertThat(filter.judge(message))
                .as("%s of %s", warning, message)
                .isEqualTo(never ? Decision.DROP : Decision.KEEP);
          }
        }
      }
    }
    return claim;
  }
}
