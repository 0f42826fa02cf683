package io.sworn.export.elasticsearch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sworn.export.EventOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the answer to a bulk request: one outcome for each item, in request order. */
final class BulkAnswer {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Errors that come from the document itself; other 400s may be cured by an operator too. */
  private static final Set<Integer> REFUSED_FOR_GOOD = Set.of(400, 413);

  /** Why an event that a node has no room for, and never will have, is given up. */
  static final String TOO_LARGE =
      "the event alone is more than the Elasticsearch node indexes at once"
          + " (indexing_pressure.memory.limit)";

  /** Why an event waits whose data stream is not there and was not made. */
  static final String NO_STREAM = "Elasticsearch has no such data stream";

  private BulkAnswer() {}

  /** The answer is not that of a bulk request; what became of the events is unknown. */
  static final class Garbled extends Exception {
    private static final long serialVersionUID = 1;

    Garbled(String message) {
      super(message);
    }
  }

  /**
   * @throws Garbled if the answer is not that of a bulk request with {@code count} items
   */
  static List<EventOutcome> read(String body, int count) throws Garbled {
    JsonNode items;
    try {
      items = MAPPER.readTree(body).path("items");
    } catch (JsonProcessingException e) {
      throw new Garbled("no JSON: " + e.getOriginalMessage());
    }
    if (items.size() != count) {
      throw new Garbled("answer for " + items.size() + " items, sent " + count);
    }
    List<EventOutcome> outcomes = new ArrayList<>(count);
    for (JsonNode item : items) {
      if (item.isEmpty()) {
        throw new Garbled("an item without a status");
      }
      JsonNode said = item.elements().next();
      String reason = said.path("error").path("reason").asText();
      outcomes.add(
          // What a shard says of its share is said of an event only if that was alone.
          count == 1 && said.path("status").asInt() == 429 && IndexingPressure.neverFits(reason)
              ? EventOutcome.rejected(TOO_LARGE, reason)
              : outcome(said));
    }
    return outcomes;
  }

  /** Reference: the bulk API's item statuses. */
  static EventOutcome outcome(JsonNode item) {
    int status = item.path("status").asInt();
    if (item.path("failure_store").asText().equals("used")) {
      return EventOutcome.rejected(
          "Elasticsearch put the document into its failure store", item.toString());
    }
    if (status == 409 || (status >= 200 && status < 300)) {
      // 409: the id is there already, so an earlier try had arrived.
      return EventOutcome.DELIVERED;
    }
    JsonNode error = item.path("error");
    String type = error.path("type").asText("no error type");
    if (type.equals("cluster_block_exception")) {
      return EventOutcome.deferred(
          "Elasticsearch blocks writing: " + Connections.brief(error.path("reason").asText()));
    }
    if (status == 404 && type.equals("index_not_found_exception")) {
      return EventOutcome.deferred(NO_STREAM);
    }
    if (REFUSED_FOR_GOOD.contains(status)) {
      return EventOutcome.rejected("Elasticsearch refused the document: " + type, reasons(error));
    }
    return EventOutcome.deferred("Elasticsearch answered " + status + " " + type);
  }

  private static String reasons(JsonNode error) {
    StringBuilder text = new StringBuilder(error.path("reason").asText());
    JsonNode cause = error.path("caused_by");
    for (int depth = 0; depth < 5 && cause.has("reason"); depth++) {
      text.append(": ").append(cause.path("reason").asText());
      cause = cause.path("caused_by");
    }
    return text.toString();
  }
}
