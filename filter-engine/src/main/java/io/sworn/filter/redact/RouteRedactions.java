package io.sworn.filter.redact;

import java.util.Map;

/** What each route may not get to see. Immutable. */
public final class RouteRedactions {

  /** Nothing is redacted anywhere. */
  public static final RouteRedactions NONE = new RouteRedactions(Map.of(), Redaction.NONE);

  private final Map<String, Redaction> routes;
  private final Redaction others;

  private RouteRedactions(Map<String, Redaction> routes, Redaction others) {
    this.routes = Map.copyOf(routes);
    this.others = others;
  }

  /** Rules by route; any other route gets the {@linkplain Redaction#standardRules() standard}. */
  public static RouteRedactions of(Map<String, Redaction> routes) {
    return new RouteRedactions(routes, Redaction.of(Redaction.standardRules(), null));
  }

  /** The rules of one route. */
  public Redaction of(String route) {
    return routes.getOrDefault(route, others);
  }
}
