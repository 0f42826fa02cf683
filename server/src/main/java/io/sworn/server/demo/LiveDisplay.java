package io.sworn.server.demo;

import io.sworn.event.FlowSnapshot;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shows the numbers while they move: on a terminal a block that is drawn again twice a second, else
 * one line a round. Colours only on a terminal, and not if {@code NO_COLOR} is set.
 */
final class LiveDisplay implements AutoCloseable {

  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String UP_AND_CLEAR = "\u001b[%dA\u001b[J";
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  /** What a terminal can do. */
  record Terminal(boolean interactive, boolean colours) {

    /** As {@code ./sworn} found standard output, and as the environment wishes. */
    static Terminal detect() {
      boolean interactive =
          Boolean.getBoolean("sworn.terminal") && !"dumb".equals(System.getenv("TERM"));
      String noColour = System.getenv("NO_COLOR");
      return new Terminal(interactive, interactive && (noColour == null || noColour.isEmpty()));
    }
  }

  private final PrintWriter out;
  private final Terminal terminal;
  private final Supplier<FlowSnapshot> flow;
  private final Received splunk;
  private final long begin = System.nanoTime();
  private final Thread thread = new Thread(this::drawAgainAndAgain, "live-display");
  private String step = "";
  private long rounds;
  private long others;
  private long different;
  private int drawn;
  private boolean closed;

  private LiveDisplay(
      PrintWriter out, Terminal terminal, Supplier<FlowSnapshot> flow, Received splunk) {
    this.out = out;
    this.terminal = terminal;
    this.flow = flow;
    this.splunk = splunk;
    thread.setDaemon(true);
  }

  static LiveDisplay start(
      PrintWriter out, Terminal terminal, Supplier<FlowSnapshot> flow, Received splunk) {
    LiveDisplay display = new LiveDisplay(out, terminal, flow, splunk);
    if (terminal.interactive()) {
      display.thread.start();
    }
    return display;
  }

  /** What happens now. */
  synchronized void step(String text) {
    step = text;
  }

  /** A round is over. */
  synchronized void round(Reckoning reckoning) {
    rounds++;
    others += reckoning.others();
    if (!reckoning.agrees()) {
      different++;
      erase();
      reckoning.differences().forEach(difference -> out.println("NOT EQUAL: " + difference));
      out.flush();
    }
    if (!terminal.interactive()) {
      out.println(line(reckoning));
      out.flush();
    }
  }

  private String line(Reckoning reckoning) {
    StringBuilder line = new StringBuilder("round " + rounds);
    FlowSnapshot now = reckoning.flow();
    line.append(": emitted ").append(now.emitted()).append(", archived ").append(now.archived());
    now.destinations()
        .forEach(
            (name, to) ->
                line.append("; ")
                    .append(name)
                    .append(' ')
                    .append(to.delivered())
                    .append(to.deadLetters() == 0 ? "" : " + " + to.deadLetters() + " refused"));
    splunk
        .byFilter()
        .forEach((name, kept) -> line.append("; ").append(name).append(' ').append(kept));
    return line.append(reckoning.agrees() ? "; balanced" : "; NOT BALANCED").toString();
  }

  private void drawAgainAndAgain() {
    synchronized (this) {
      while (!closed) {
        draw();
        try {
          wait(PAUSE.toMillis());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private void draw() {
    List<String> lines = block(flow.get(), splunk.refresh().byFilter());
    erase();
    lines.forEach(out::println);
    out.flush();
    drawn = lines.size();
  }

  private void erase() {
    if (drawn > 0) {
      out.print(String.format(Locale.ROOT, UP_AND_CLEAR, drawn));
      drawn = 0;
    }
  }

  private List<String> block(FlowSnapshot now, Map<String, Long> byFilter) {
    List<String> lines = new ArrayList<>();
    long seconds = (System.nanoTime() - begin) / 1_000_000_000;
    lines.add(
        format(
            "round %d, %d:%02d                              Ctrl-C stops it",
            rounds + 1, seconds / 60, seconds % 60));
    lines.add("");
    lines.add(
        format(
            "  emitted %,d   archived %,d   duplicates %,d   gaps %,d   %s",
            now.emitted(), now.archived(), now.duplicates(), now.gaps(), balance(now)));
    lines.add("");
    lines.add(format("  %-16s %10s", "kept by filter", "events"));
    for (Part part : Part.values()) {
      lines.add(format("  %-16s %,10d", part.filter(), byFilter.getOrDefault(part.filter(), 0L)));
    }
    lines.add("");
    lines.add(
        format(
            "  %-16s %10s %10s %13s %10s",
            "destination", "kept", "delivered", "dead letters", "in flight"));
    now.destinations()
        .forEach(
            (name, to) ->
                lines.add(
                    format(
                        "  %-16s %,10d %,10d %,13d %,10d",
                        name, to.kept(), to.delivered(), to.deadLetters(), to.inFlight())));
    lines.add("");
    lines.add("  " + step + (others == 0 ? "" : "   (" + others + " events of other clients)"));
    return lines;
  }

  private String balance(FlowSnapshot now) {
    if (different > 0) {
      return colour(RED, "NOT BALANCED in " + different + " rounds");
    }
    return now.settled() ? colour(GREEN, "BALANCED") : colour(YELLOW, "on the way");
  }

  private String colour(String colour, String text) {
    return terminal.colours() ? colour + text + PLAIN : text;
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Stops drawing; the last block stays. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closed && terminal.interactive()) {
        draw();
      }
      closed = true;
      notifyAll();
    }
    try {
      thread.join(PAUSE.toMillis() * 4);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
