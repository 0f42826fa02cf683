package io.sworn.server.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.event.FlowSnapshot;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** What a person reads at the end, and the one line that a script reads. */
final class Summary {

  private final PrintWriter out;

  Summary(PrintWriter out) {
    this.out = out;
  }

  void print(
      Reckoning reckoning,
      FlowSnapshot flow,
      Destinations destinations,
      DeadLetterBox deadLetters) {
    line("");
    line("%-28s %10s %10s", "Caused by the clients", "by them", "archived");
    for (String kind : new TreeSet<>(reckoning.archived().keySet())) {
      line(
          "  %-26s %10d %10d",
          kind,
          reckoning.caused().getOrDefault(kind, 0L),
          reckoning.archived().getOrDefault(kind, 0L));
    }
    line("");
    line("%-28s %10s %10s", "Filter", "kept", "not kept");
    reckoning
        .parts()
        .forEach(
            (part, proof) -> {
              line("  %-26s %10d %10d", part.filter(), proof.kept(), proof.dropped());
              line("      kept      %s", proof.example());
              line("      not kept  %s", proof.counterExample());
            });
    line("");
    line(
        "%-28s %10s %10s %10s %8s %13s %10s",
        "Destination", "kept", "receipts", "found", "again", "dead letters", "in flight");
    flow.destinations()
        .forEach(
            (name, counted) -> {
              Received there = destinations.received(name);
              line(
                  "  %-26s %10d %10d %10d %8d %13d %10d",
                  name,
                  counted.kept(),
                  counted.delivered(),
                  there.distinct(),
                  there.repeated(),
                  counted.deadLetters(),
                  counted.inFlight());
            });
    line("");
    line("Dead letters");
    flow.destinations()
        .keySet()
        .forEach(
            name ->
                deadLetters.of(name).values().stream()
                    .limit(5)
                    .forEach(
                        letter ->
                            line(
                                "  %-10s %s  %s (%s)",
                                name, letter.event(), letter.reason(), letter.answer())));
    line("");
    line(
        "Balance: emitted %d, archived %d, duplicates %d, undecidable %d, lost %d",
        flow.emitted(), flow.archived(), flow.duplicates(), flow.undecidable(), reckoning.lost());
    reckoning.differences().forEach(difference -> line("  NOT EQUAL: %s", difference));
    out.flush();
  }

  void last(FlowSnapshot flow, long lost, double seconds, String report, String bundle) {
    Map<String, Object> routes = new LinkedHashMap<>();
    flow.destinations()
        .forEach(
            (name, counted) -> {
              Map<String, Object> route = new LinkedHashMap<>();
              route.put("kept", counted.kept());
              route.put("delivered", counted.delivered());
              route.put("deadLetters", counted.deadLetters());
              route.put("inFlight", counted.inFlight());
              routes.put(name, route);
            });
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("emitted", flow.emitted());
    last.put("duplicates", flow.duplicates());
    last.put("archived", flow.archived());
    last.put("undecidable", flow.undecidable());
    last.put("routes", routes);
    last.put("lost", lost);
    last.put("seconds", Math.round(seconds * 10) / 10.0);
    if (!report.isEmpty()) {
      last.put("report", report);
      last.put("bundle", bundle);
    }
    try {
      out.println(new ObjectMapper().writeValueAsString(last));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and names cannot be written", e);
    }
    out.flush();
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
