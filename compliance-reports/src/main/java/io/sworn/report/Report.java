package io.sworn.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sworn.event.FlowSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A report: the single source of every rendering.
 *
 * @param id name of its directory
 * @param framework name of the framework
 * @param title its name for people
 * @param period span of event time
 * @param at when it ran
 * @param occasion why it ran: on request, scheduled, or missed and made up late
 * @param counts verdicts by state
 * @param reliability whether one can rely on it
 * @param findings one for each control
 * @param responsibilities who answers for what
 */
public record Report(
    @JsonProperty("id") String id,
    @JsonProperty("framework") String framework,
    @JsonProperty("title") String title,
    @JsonProperty("period") Period period,
    @JsonProperty("at") Instant at,
    @JsonProperty("occasion") String occasion,
    @JsonProperty("counts") SortedMap<Verdict, Integer> counts,
    @JsonProperty("reliability") Reliability reliability,
    @JsonProperty("findings") List<Finding> findings,
    @JsonProperty("responsibilities") List<Framework.Responsibility> responsibilities) {

  /**
   * The first page: can you rely on this report?
   *
   * @param problems what speaks against it; empty if nothing does
   * @param flow the law of conservation when the report ran; null if nobody measured it
   * @param trails the sources in the archive
   * @param conflicts records that came twice with other bytes
   * @param unreadable records that are no audit event
   * @param integrity tree and checkpoint
   * @param coverage what was captured in the period
   * @param notProved what events cannot prove
   */
  public record Reliability(
      @JsonProperty("problems") List<String> problems,
      @JsonProperty("flow") @Nullable FlowSnapshot flow,
      @JsonProperty("trails") List<Trail> trails,
      @JsonProperty("conflicts") long conflicts,
      @JsonProperty("unreadable") long unreadable,
      @JsonProperty("integrity") Integrity integrity,
      @JsonProperty("coverage") Coverage coverage,
      @JsonProperty("notProved") List<String> notProved) {

    /** Sequences missing over all trails. */
    public long gaps() {
      return trails.stream().mapToLong(Trail::gaps).sum();
    }
  }

  /** One source: its range of sequences, what is there and what is missing. */
  public record Trail(
      @JsonProperty("name") String name,
      @JsonProperty("first") long first,
      @JsonProperty("last") long last,
      @JsonProperty("count") long count,
      @JsonProperty("gaps") long gaps) {}

  /**
   * What was checked of the archive.
   *
   * @param sound whether every check held
   * @param problem the first one that did not
   * @param origin name of the log
   * @param treeSize events under the checkpoint
   * @param root root hash, base64
   * @param checkpoint the signed note
   * @param verifierKey the public key that it was checked with
   */
  public record Integrity(
      @JsonProperty("sound") boolean sound,
      @JsonProperty("problem") @Nullable String problem,
      @JsonProperty("origin") String origin,
      @JsonProperty("treeSize") long treeSize,
      @JsonProperty("root") String root,
      @JsonProperty("checkpoint") String checkpoint,
      @JsonProperty("verifierKey") String verifierKey) {}

  /**
   * What the period holds.
   *
   * @param events number of events
   * @param first time of the earliest
   * @param last time of the latest
   * @param types events by type
   * @param notSeen types that exist and were not seen: not captured, or they did not happen
   * @param classes whether each class that rules need was seen
   */
  public record Coverage(
      @JsonProperty("events") long events,
      @JsonProperty("first") @Nullable Instant first,
      @JsonProperty("last") @Nullable Instant last,
      @JsonProperty("types") SortedMap<String, Long> types,
      @JsonProperty("notSeen") List<String> notSeen,
      @JsonProperty("classes") SortedMap<Framework.Need, Boolean> classes) {}

  /**
   * One control and what the evidence says.
   *
   * @param control what was asked and how it was decided
   * @param verdict the answer
   * @param because one sentence with figures
   * @param sql the query that ran; null if none did
   * @param evidence its rows; null if none ran
   */
  public record Finding(
      @JsonProperty("control") Framework.Control control,
      @JsonProperty("verdict") Verdict verdict,
      @JsonProperty("because") String because,
      @JsonProperty("sql") @Nullable String sql,
      @JsonProperty("evidence") @Nullable Evidence evidence) {}

  /**
   * Rows of a metric, violations first, capped; the file holds all.
   *
   * @param file CSV beside the report and in its bundle
   * @param total rows in the file
   * @param violations rows that violate
   * @param columns names
   * @param rows the first ones
   */
  public record Evidence(
      @JsonProperty("file") String file,
      @JsonProperty("total") long total,
      @JsonProperty("violations") long violations,
      @JsonProperty("columns") List<String> columns,
      @JsonProperty("rows") List<Row> rows) {}

  /** One row and the event that it stands on; null is an empty cell. */
  public record Row(
      @JsonProperty("violation") boolean violation,
      @JsonProperty("eventId") String eventId,
      @JsonProperty("cells") List<@Nullable String> cells) {}
}
