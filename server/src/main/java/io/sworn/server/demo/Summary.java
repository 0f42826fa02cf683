package io.sworn.server.demo;

import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sworn.event.FlowSnapshot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a person reads at the end, and the one line that a script reads. */
final class Summary {

  private final PrintWriter out;

  Summary(PrintWriter out) {
    this.out = out;
  }

  void alerts(SortedMap<String, Long> alerts) {
    line("");
    line("%-28s %10s", "Alerts by rule", "made");
    alerts.forEach((rule, made) -> line("  %-26s %10d", rule, made));
  }

  void print(Reckoning reckoning, Destinations destinations, DeadLetterBox deadLetters) {
    FlowSnapshot flow = reckoning.flow();
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
              End there = destinations.end(name);
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
    flow.destinations().keySet().forEach(name -> refused(name, deadLetters.of(name)));
    line("");
    line(
        "Balance: emitted %d, archived %d, duplicates %d, undecidable %d, lost %d",
        flow.emitted(), flow.archived(), flow.duplicates(), flow.undecidable(), reckoning.lost());
    reckoning.differences().forEach(difference -> line("  NOT EQUAL: %s", difference));
    out.flush();
  }

  /** One line for each reason, with the event that it was given for last. */
  private void refused(String name, Map<String, DeadLetterBox.Letter> letters) {
    Map<String, List<DeadLetterBox.Letter>> reasons =
        letters.values().stream()
            .collect(Collectors.groupingBy(DeadLetterBox.Letter::reason, TreeMap::new, toList()));
    reasons.forEach(
        (reason, same) ->
            line(
                "  %-26s %10d  %s, such as event %s",
                name, same.size(), reason, same.get(same.size() - 1).event()));
  }

  void print(Evidence evidence, Path directory) {
    line("");
    line(
        "Report   %s",
        evidence.counts().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", ")));
    line("         %s", evidence.report());
    line("Bundle   %s: %s", evidence.verdict().outcome(), evidence.verdict().text());
    line("         check it yourself: ./sworn verify %s", evidence.bundle());
    line("All of it is in %s", directory);
    line("");
    out.flush();
  }

  void last(Reckoning reckoning, Evidence evidence, double seconds) {
    FlowSnapshot flow = reckoning.flow();
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
    last.put("lost", reckoning.lost());
    last.put("seconds", Math.round(seconds * 10) / 10.0);
    last.put("report", evidence.report().toString());
    last.put("bundle", evidence.bundle().toString());
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
