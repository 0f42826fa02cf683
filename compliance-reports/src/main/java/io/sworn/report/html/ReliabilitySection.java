package io.sworn.report.html;

import io.sworn.event.FlowSnapshot;
import io.sworn.report.Report.Coverage;
import io.sworn.report.Report.Integrity;
import io.sworn.report.Report.Reliability;
import io.sworn.report.Report.Trail;

/** The opening question: can you rely on this report? */
final class ReliabilitySection {

  private static final int TRAILS_SHOWN_MAX = 100;

  private final HtmlWriter out;
  private final Reliability facts;

  ReliabilitySection(HtmlWriter out, Reliability facts) {
    this.out = out;
    this.facts = facts;
  }

  void write() {
    out.raw("<section id=\"reliability\"><h2>Can you rely on this report?</h2>");
    if (facts.problems().isEmpty()) {
      out.raw("<div class=\"answer\">Nothing that was checked speaks against it.</div>");
    } else {
      out.raw("<div class=\"answer no\">Not without answers to this:<ul>");
      facts.problems().forEach(problem -> out.raw("<li>").text(problem).raw("</li>"));
      out.raw("</ul></div>");
    }
    answers();
    completeness();
    gaps();
    integrity();
    coverage();
    out.raw("<h3>Clock</h3><p>Event times are those of the sources' clocks, in UTC; the period");
    out.raw(" selects by them. The archive keeps the order of arrival beside them.</p>");
    out.raw("<h3>What is not proved</h3><ul>");
    facts.notProved().forEach(item -> out.raw("<li>").text(item).raw("</li>"));
    out.raw("</ul></section>\n");
  }

  /** The three questions behind the one, each with its answer at a glance. */
  private void answers() {
    FlowSnapshot flow = facts.flow();
    out.raw("<div class=\"figures\">");
    if (flow == null) {
      answer("Complete?", "not measured", "nobody counted what was emitted", false);
    } else if (!flow.counts(FlowSnapshot.End.EMITTED)) {
      answer("Complete?", "not measured", "what was emitted is counted elsewhere", false);
    } else {
      boolean complete = flow.emitted() == flow.archived();
      String counted = flow.emitted() + " emitted, " + flow.archived() + " archived";
      boolean late = flow.emitted() > flow.archived() && flow.gaps() == 0;
      answer("Complete?", complete ? "yes" : late ? "not yet" : "no", counted, complete);
    }
    boolean whole = facts.gaps() == 0;
    int trails = facts.trails().size();
    answer(
        "Without gaps?",
        whole ? "yes" : "no",
        facts.gaps() + " missing in " + trails + (trails == 1 ? " trail" : " trails"),
        whole);
    Integrity integrity = facts.integrity();
    answer(
        "Unchanged?",
        integrity.sound() ? "yes" : "no",
        integrity.sound() ? "tree and checkpoint agree" : "see below",
        integrity.sound());
    out.raw("</div>");
  }

  private void answer(String question, String answer, String because, boolean good) {
    out.raw("<div class=\"").raw(good ? "good" : "bad").raw("\"><span>").text(question);
    out.raw("</span><b>").text(answer).raw("</b><span>").text(because).raw("</span></div>");
  }

  private void completeness() {
    out.raw("<h3>Completeness</h3>");
    FlowSnapshot flow = facts.flow();
    if (flow == null) {
      out.raw("<p>Nobody measured the flow when this report ran.</p>");
      return;
    }
    out.raw("<p>Counted independently at each end when the report ran, since the beginning.</p>");
    out.raw("<div class=\"figures\">");
    if (flow.counts(FlowSnapshot.End.EMITTED)) {
      figure(flow.emitted(), "emitted by the sources");
    }
    figure(flow.archived(), "in the archive");
    figure(flow.judged(), "judged by the filters");
    figure(flow.duplicates(), "duplicates dropped");
    figure(flow.gaps(), "missing on the way");
    figure(flow.undecidable(), "undecided, kept");
    out.raw("</div>");
    if (flow.destinations().isEmpty()) {
      return;
    }
    out.raw("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Destination</th>");
    out.raw("<th scope=\"col\" class=\"n\">Kept</th><th scope=\"col\" class=\"n\">Delivered</th>");
    out.raw("<th scope=\"col\" class=\"n\">Dead letters</th>");
    out.raw("<th scope=\"col\" class=\"n\">On the way</th></tr></thead><tbody>");
    flow.destinations()
        .forEach(
            (name, d) ->
                out.raw("<tr>")
                    .cell(name)
                    .numberCell(d.kept())
                    .numberCell(d.delivered())
                    .numberCell(d.deadLetters())
                    .numberCell(d.inFlight())
                    .raw("</tr>"));
    out.raw("</tbody></table></div>");
  }

  private void gaps() {
    out.raw("<h3>Sources and gaps</h3><div class=\"scroll\"><table><thead><tr>");
    out.raw("<th scope=\"col\">Trail</th><th scope=\"col\" class=\"n\">First</th>");
    out.raw("<th scope=\"col\" class=\"n\">Last</th><th scope=\"col\" class=\"n\">Events</th>");
    out.raw("<th scope=\"col\" class=\"n\">Missing</th></tr></thead><tbody>");
    for (Trail trail : facts.trails().stream().limit(TRAILS_SHOWN_MAX).toList()) {
      out.raw(trail.gaps() > 0 ? "<tr class=\"bad\">" : "<tr>").cell(trail.name());
      out.numberCell(trail.first()).numberCell(trail.last());
      out.numberCell(trail.count()).numberCell(trail.gaps()).raw("</tr>");
    }
    out.raw("</tbody></table></div><p>").number(facts.conflicts());
    out.raw(" conflicting and ").number(facts.unreadable()).raw(" unreadable records.");
    if (facts.trails().size() > TRAILS_SHOWN_MAX) {
      out.raw(" Only the first ").number(TRAILS_SHOWN_MAX).raw(" trails of ");
      out.number(facts.trails().size()).raw(" are shown; all are in report.json.");
    }
    out.raw("</p>");
  }

  private void integrity() {
    Integrity integrity = facts.integrity();
    out.raw("<h3>Integrity</h3><p>");
    if (integrity.sound()) {
      out.raw("Every event of the period was read again and hashed; the tree over ");
      out.number(integrity.treeSize()).raw(" events has the root that the checkpoint signs.");
    } else {
      out.raw("<strong>Not established: </strong>").text(integrity.problem()).raw(".");
    }
    out.raw("</p><table><tbody><tr><th scope=\"row\">Log</th>").cell(integrity.origin());
    out.raw("</tr><tr><th scope=\"row\">Tree size</th>").cell(integrity.treeSize());
    out.raw("</tr><tr><th scope=\"row\">Root</th><td class=\"id\">").text(integrity.root());
    out.raw("</td></tr><tr><th scope=\"row\">Verifier key</th><td class=\"id\">");
    out.text(integrity.verifierKey()).raw("</td></tr></tbody></table>");
    out.raw("<p>Check it without us: <code>sworn verify BUNDLE.zip</code>, with the verifier key");
    out.raw(" that you noted earlier, not the one in the bundle.</p>");
    if (!integrity.checkpoint().isEmpty()) {
      out.raw("<details><summary>The signed checkpoint</summary><pre>");
      out.text(integrity.checkpoint()).raw("</pre></details>");
    }
  }

  private void coverage() {
    Coverage coverage = facts.coverage();
    out.raw("<h3>Coverage</h3><p>").number(coverage.events()).raw(" events in the period");
    if (coverage.first() != null) {
      out.raw(", from ").time(coverage.first()).raw(" to ").time(coverage.last());
    }
    out.raw(".</p>");
    if (!coverage.types().isEmpty()) {
      out.raw("<p>Captured: ");
      String[] comma = {""};
      coverage
          .types()
          .forEach(
              (type, count) -> {
                out.raw(comma[0]).text(type).raw("&nbsp;(").number(count).raw(")");
                comma[0] = ", ";
              });
      out.raw(".</p>");
    }
    out.raw("<p class=\"note\">Not seen, so either not captured or it did not happen: ");
    out.text(String.join(", ", coverage.notSeen())).raw(".</p><p>");
    coverage
        .classes()
        .forEach(
            (need, seen) ->
                out.text(
                        switch (need) {
                          case AUTH -> "Successful logins";
                          case ALLOWED -> "Permitted commands";
                          case DENIED -> "Refused commands";
                        })
                    .raw(seen ? ": seen. " : ": <strong>not seen</strong>. "));
    out.raw("</p>");
  }

  private void figure(long value, String name) {
    out.raw("<div><b>").number(value).raw("</b><span>").text(name).raw("</span></div>");
  }
}
