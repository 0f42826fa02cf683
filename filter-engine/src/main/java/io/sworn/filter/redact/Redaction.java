package io.sworn.filter.redact;

import io.sworn.event.AuditEvent;
import io.sworn.event.BsonBytes;
import io.sworn.event.ErrorCode;
import io.sworn.event.EventKind;
import io.sworn.event.SourcePosition;
import io.sworn.event.SwornException;
import io.sworn.event.UnreadableEventException;
import io.sworn.event.mongo.MongoAuditMessage;
import io.sworn.filter.alert.Alert;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/** The rules of one route, ready to be applied. Immutable and safe for any thread. */
public final class Redaction {

  /** Nothing is redacted. */
  public static final Redaction NONE = new Redaction(List.of(), null);

  private static final String PARAM = "param";

  /** Members of {@code param} that the event holds in lifted form as well. */
  private static final Set<String> LIFTED = Set.of("command", "ns", "old", "*");

  /** Commands whose first argument names a collection, which {@code param.ns} tells anyway. */
  private static final List<String> COLLECTION_COMMANDS =
      List.of(
          "aggregate",
          "collMod",
          "count",
          "create",
          "createIndexes",
          "delete",
          "distinct",
          "drop",
          "dropIndexes",
          "find",
          "findAndModify",
          "findandmodify",
          "insert",
          "listIndexes",
          "mapReduce",
          "update");

  private final List<RedactionRule> rules;
  private final @Nullable TokenKeys keys;
  private final RedactionTree whole;
  private final @Nullable RedactionTree paramOnly;

  private Redaction(List<RedactionRule> rules, @Nullable TokenKeys keys) {
    this.rules = List.copyOf(rules);
    this.keys = keys;
    this.whole = RedactionTree.of(rules);
    this.paramOnly =
        rules.stream().allMatch(Redaction::inParam) ? RedactionTree.of(rules).below(PARAM) : null;
  }

  /**
   * The rules together; where two meet, the one that tells less wins.
   *
   * @param keys needed if some action is {@link RedactionAction#TOKEN}
   * @throws SwornException if tokens are wanted and there is no key
   */
  public static Redaction of(List<RedactionRule> rules, @Nullable TokenKeys keys) {
    for (RedactionRule rule : rules) {
      if (rule.action() == RedactionAction.TOKEN && keys == null) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "path '" + rule.path() + "': tokens need a file of token keys");
      }
    }
    return rules.isEmpty() ? NONE : new Redaction(rules, keys);
  }

  /**
   * What a route gets unless it is configured otherwise: the values of {@code param.args}, the
   * whole command as received, are masked. Names of database and collection stay, as {@code
   * param.ns} tells them.
   */
  public static List<RedactionRule> standardRules() {
    List<RedactionRule> rules = new ArrayList<>();
    rules.add(new RedactionRule("param.args", RedactionAction.MASK));
    rules.add(new RedactionRule("param.args.$db", RedactionAction.KEEP));
    COLLECTION_COMMANDS.forEach(
        command -> rules.add(new RedactionRule("param.args." + command, RedactionAction.KEEP)));
    return rules;
  }

  /** The rules. */
  public List<RedactionRule> rules() {
    return rules;
  }

  /**
   * An event after the rules.
   *
   * @param event the same instance if nothing was found
   * @param paths of the rules that found something, sorted
   */
  public record Redacted(AuditEvent event, Set<String> paths) {}

  /**
   * Applies the rules. What an alert repeats of other events is treated as these rules treat it
   * there. Identity, place in the trail and time stay as they are.
   *
   * @throws UnreadableEventException if the event cannot be walked; it must not travel then
   */
  public Redacted apply(AuditEvent event) {
    if (rules.isEmpty()) {
      return new Redacted(event, Set.of());
    }
    if (event.kind() == EventKind.SWORN && event.type().equals(Alert.EVENT_TYPE)) {
      List<RedactionRule> more = AlertRedaction.rules(event.param().toDocument(), whole);
      if (!more.isEmpty()) {
        more.addAll(rules);
        return new Redaction(more, keys).applyToAny(event);
      }
    }
    return applyToAny(event);
  }

  private Redacted applyToAny(AuditEvent event) {
    if (paramOnly() && event.extra() == null && event.kind() != EventKind.MONGODB_OCSF) {
      RedactedParam param = applyToParam(event.param().array());
      return param.paths().isEmpty()
          ? new Redacted(event, Set.of())
          : new Redacted(
              event.toBuilder().param(BsonBytes.wrap(param.bytes())).build(), param.paths());
    }
    BsonDocument message = MongoAuditMessage.toMessage(event);
    BsonRewriter.Rewritten rewritten =
        BsonRewriter.rewrite(BsonBytes.of(message).array(), whole, keys);
    if (rewritten.hits().isEmpty()) {
      return new Redacted(event, Set.of());
    }
    AuditEvent redacted =
        MongoAuditMessage.toEvent(
            BsonBytes.wrap(rewritten.bytes()).toDocument(),
            new SourcePosition(event.trail(), event.sequence(), event.previous()),
            event.kind(),
            event.observed());
    return new Redacted(
        redacted.toBuilder().time(event.time()).client(event.client()).build(), rewritten.hits());
  }

  /**
   * A {@code param} after the rules.
   *
   * @param paths of the rules that found something, sorted
   */
  public record RedactedParam(byte[] bytes, Set<String> paths) {}

  /** Whether no rule reaches beyond {@code param}. */
  public boolean paramOnly() {
    return paramOnly != null;
  }

  /**
   * Applies rules that are {@link #paramOnly} to an encoded {@code param}, which must not be of an
   * alert.
   *
   * @throws UnreadableEventException if it cannot be walked; the event must not travel then
   */
  public RedactedParam applyToParam(byte[] document) {
    RedactionTree inside = paramOnly;
    if (inside == null) {
      throw new IllegalStateException("some rules reach beyond param");
    }
    BsonRewriter.Rewritten rewritten = BsonRewriter.rewrite(document, inside, keys);
    return new RedactedParam(rewritten.bytes(), rewritten.hits());
  }

  private static boolean inParam(RedactionRule rule) {
    List<String> segments = rule.segments();
    return segments.size() > 1
        && segments.get(0).equals(PARAM)
        && !LIFTED.contains(segments.get(1));
  }
}
