package io.sworn.filter;

import io.sworn.event.AuditEvent;
import io.sworn.event.UnreadableEventException;
import io.sworn.filter.language.Evaluator;
import io.sworn.filter.language.Extensions;
import io.sworn.filter.language.FilterParser;
import io.sworn.filter.language.MessageView;
import io.sworn.filter.language.Predicate;
import io.sworn.filter.language.RelaxedJson;
import io.sworn.filter.lint.FilterLint;
import io.sworn.filter.matcher.FilterMatcher;
import java.util.List;
import org.bson.BsonDocument;

/**
 * A compiled audit filter, with the meaning that MongoDB gives it as {@code auditLog.filter}. Pure
 * and total: no clock, no input or output, never throws. Safe for any thread.
 */
public final class AuditFilter {

  private final Predicate predicate;

  private AuditFilter(Predicate predicate) {
    this.predicate = predicate;
  }

  /**
   * Compiles a filter in JSON with extended JSON literals.
   *
   * @throws InvalidFilterException with place and reason
   */
  public static AuditFilter compile(String json) {
    return new AuditFilter(FilterParser.parse(json));
  }

  /**
   * Refuses what only Sworn knows, such as {@code $cidr}.
   *
   * @return this
   * @throws InvalidFilterException with the place of the first extension
   */
  public AuditFilter strict() {
    for (String place : Extensions.places(predicate)) {
      throw new InvalidFilterException(
          place, "an extension that MongoDB does not know; strict filters go without");
    }
    return this;
  }

  /**
   * Compiles a filter in the relaxed form of {@code auditLog.filter}: names without quotes, single
   * quotes, {@code /pattern/flags} with each backslash doubled.
   *
   * @throws InvalidFilterException with place and reason
   */
  public static AuditFilter compileRelaxed(String text) {
    return new AuditFilter(FilterParser.parse(RelaxedJson.toJson(text)));
  }

  /**
   * Several filters as one, for judging encoded events: the faster the more there are. Filters are
   * numbered by their places in the list.
   */
  public static FilterMatcher matcher(List<AuditFilter> filters) {
    return FilterMatcher.of(filters.stream().map(filter -> filter.predicate).toList());
  }

  /** Judges an event as the message that it came from. */
  public Decision judge(AuditEvent event) {
    return judge(MessageView.of(event));
  }

  /** Judges a message. */
  public Decision judge(BsonDocument message) {
    return judge(MessageView.of(message));
  }

  /** Judges a view that several filters share. An unreadable {@code param} is undecidable. */
  public Decision judge(MessageView message) {
    try {
      return Evaluator.judge(predicate, message);
    } catch (UnreadableEventException e) {
      return Decision.UNDECIDABLE;
    }
  }

  /**
   * Where in the filter a search was given up on {@code message}, so that it is {@link
   * Decision#UNDECIDABLE}; empty if it can be decided. Searches again: for people, not for the
   * pipeline.
   */
  public List<String> undecided(BsonDocument message) {
    return Evaluator.undecided(predicate, MessageView.of(message));
  }

  /** What is probably not meant so, or MongoDB would refuse; empty for most filters. */
  public List<FilterWarning> warnings() {
    return FilterLint.warnings(predicate);
  }

  /** How events are found by this filter: by an index, or by a look at each. */
  public FilterCost cost() {
    return FilterMatcher.cost(predicate);
  }
}
