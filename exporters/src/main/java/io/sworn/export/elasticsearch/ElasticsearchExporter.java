package io.sworn.export.elasticsearch;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import co.elastic.clients.elasticsearch._types.ElasticsearchException;
import co.elastic.clients.json.jackson.JacksonJsonpMapper;
import co.elastic.clients.transport.TransportException;
import co.elastic.clients.transport.rest_client.RestClientOptions;
import co.elastic.clients.transport.rest_client.RestClientTransport;
import io.sworn.event.EventId;
import io.sworn.event.LocalFiles;
import io.sworn.export.DeliveryReport;
import io.sworn.export.EventOutcome;
import io.sworn.export.Exporter;
import io.sworn.export.RoutedEvent;
import io.sworn.export.format.EcsDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.http.HttpEntity;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.message.BasicNameValuePair;
import org.apache.http.util.EntityUtils;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.Response;
import org.elasticsearch.client.ResponseException;
import org.elasticsearch.client.RestClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores events in a data stream. Bulk bodies are written by us: the client's typed bulk request
 * costs 2.5 times a plain one. The official client puts the template and asks for health.
 *
 * <p>Delivered means: the item's status is 201 (stored, in the translog of the primary and of the
 * replicas that are in sync) or 409 (stored before under the same id).
 */
final class ElasticsearchExporter implements Exporter {

  private static final Logger LOG = LoggerFactory.getLogger(ElasticsearchExporter.class);

  /** The client speaks major version 8; servers 8 and 9 both answer in it. */
  private static final ContentType NDJSON =
      ContentType.create(
          "application/vnd.elasticsearch+x-ndjson", new BasicNameValuePair("compatible-with", "8"));

  /** No sensible limit of a node is lower; the default is 100 MB. */
  private static final int SUSPICIOUS_BYTES = 1024 * 1024;

  private static final int BULK_BYTES_MIN = 64 * 1024;

  /** How often a node may hang up on one event before the event is found too large. */
  private static final int HANG_UPS_MAX = 3;

  private static final int SUSPECTS_MAX = 1_000;

  /** For what a cluster says of a whole request, or of itself: a sentence, or a stack trace. */
  private static final int ANSWER_BYTES_MAX = 1024 * 1024;

  /**
   * For the status of an item and its error, which may quote a script of the cluster's pipeline.
   */
  private static final int ITEM_ANSWER_BYTES = 16 * 1024;

  /** Creates nothing: without a time no document enters a data stream. */
  private static final byte[] HARMLESS =
      "{\"create\":{\"_id\":\"probe\"}}\n{}\n".getBytes(StandardCharsets.US_ASCII);

  private final ElasticsearchSettings settings;
  private final EcsDocument format;
  private final RestClient rest;
  private final ElasticsearchClient client;
  private final Map<EventId, Integer> hangUps = new HashMap<>();
  private boolean templateIsThere;

  /** Present limit of a request: halved when the node is busy, grown slowly when it is not. */
  private int bulkBytes;

  ElasticsearchExporter(ElasticsearchSettings settings) {
    this.settings = settings;
    this.bulkBytes = settings.bulkBytes();
    this.format = new EcsDocument(settings.dataset(), settings.namespace());
    this.rest = Connections.open(settings);
    this.client =
        new ElasticsearchClient(
            new RestClientTransport(
                rest,
                new JacksonJsonpMapper(),
                new RestClientOptions(BoundedAnswer.options(ANSWER_BYTES_MAX).build(), true)));
  }

  @Override
  public DeliveryReport deliver(List<RoutedEvent> batch) throws InterruptedException {
    EventOutcome.Deferred notReady = prepare();
    if (notReady != null) {
      return DeliveryReport.all(batch.size(), notReady);
    }
    List<Item> items = new ArrayList<>(batch.size());
    for (RoutedEvent routed : batch) {
      items.add(new Item(routed.event().id(), item(routed)));
    }
    EventOutcome[] outcomes = new EventOutcome[batch.size()];
    int from = 0;
    while (from < items.size()) {
      int to = from + 1;
      long bytes = items.get(from).bytes.length;
      while (to < items.size() && bytes + items.get(to).bytes.length <= bulkBytes) {
        bytes += items.get(to).bytes.length;
        to++;
      }
      EventOutcome.Deferred trouble = send(items, from, to, outcomes);
      if (trouble != null) {
        // The whole cluster is in trouble; sending the rest now would only add to it.
        Arrays.fill(outcomes, to, outcomes.length, trouble);
        break;
      }
      from = to;
    }
    return new DeliveryReport(List.of(outcomes));
  }

  /** Sends {@code [from, to)}; a deferral if the request failed as a whole, null otherwise. */
  private EventOutcome.@Nullable Deferred send(
      List<Item> items, int from, int to, EventOutcome[] outcomes) throws InterruptedException {
    byte[] body = body(items, from, to);
    EventOutcome.Deferred whole;
    try {
      Response response = rest.performRequest(bulk(body, to - from));
      List<EventOutcome> each = BulkAnswer.read(text(response.getEntity()), to - from);
      for (int i = 0; i < each.size(); i++) {
        outcomes[from + i] = each.get(i);
        if (each.get(i) instanceof EventOutcome.Deferred deferred
            && deferred.reason().equals(BulkAnswer.NO_STREAM)) {
          outcomes[from + i] = streamIsMissing(deferred.reason());
        }
      }
      bulkBytes = (int) Math.min(settings.bulkBytes(), bulkBytes + bulkBytes / 8L);
      return null;
    } catch (BulkAnswer.Garbled e) {
      whole = EventOutcome.deferred("Elasticsearch's answer is no bulk answer: " + e.getMessage());
    } catch (ResponseException e) {
      int status = e.getResponse().getStatusLine().getStatusCode();
      String answer = text(e.getResponse().getEntity());
      if (status == 413 || (status == 400 && takesHarmlessRequests())) {
        return split(status, answer, items, from, to, outcomes);
      }
      int least = Math.min(BULK_BYTES_MIN, settings.bulkBytes());
      if (status == 429
          && IndexingPressure.neverFits(answer)
          && (to - from == 1 || bulkBytes <= least)) {
        return split(status, answer, items, from, to, outcomes);
      }
      if (status == 429) {
        // A node counts the bytes under way against its heap; a smaller request may fit.
        bulkBytes = Math.max(least, bulkBytes / 2);
      }
      whole =
          status == 404
              ? streamIsMissing("Elasticsearch answered HTTP 404 " + Connections.brief(answer))
              : Connections.deferred(status, retryAfter(e.getResponse()), answer);
    } catch (InterruptedIOException e) {
      // A timeout is one too; only a real interrupt ends the delivery.
      interrupted(e);
      whole = EventOutcome.deferred("Elasticsearch did not answer in time");
    } catch (IOException e) {
      interrupted(e);
      String tooLong = BoundedAnswer.tooLong(e);
      if (tooLong != null) {
        // Says nothing of the events: an item's error may quote its document, but not many times.
        whole = answerTooLong(tooLong);
        Arrays.fill(outcomes, from, to, whole);
        return whole;
      }
      if (body.length > SUSPICIOUS_BYTES && healthy()) {
        // A node may hang up on a body that it finds too large before it is read to the end, and
        // its 413 is then lost with the connection. Networks hang up too, so once is no proof.
        if (to - from > 1 || hungUpTooOften(items.get(from).id)) {
          return split(
              413, "the node hung up on " + body.length + " bytes", items, from, to, outcomes);
        }
      }
      templateIsThere = false; // whoever comes back may be a cluster restored without it
      whole = EventOutcome.deferred("Elasticsearch cannot be reached: " + rootMessage(e));
    }
    Arrays.fill(outcomes, from, to, whole);
    return whole;
  }

  /** Halves a request that was refused as a whole, until the guilty event stands alone. */
  private EventOutcome.@Nullable Deferred split(
      int status, String answer, List<Item> items, int from, int to, EventOutcome[] outcomes)
      throws InterruptedException {
    if (to - from == 1) {
      outcomes[from] =
          EventOutcome.rejected(
              status == 429
                  ? BulkAnswer.TOO_LARGE
                  : "Elasticsearch refused the request with HTTP " + status,
              answer);
      return null;
    }
    int middle = (from + to) >>> 1;
    EventOutcome.Deferred trouble = send(items, from, middle, outcomes);
    if (trouble != null) {
      Arrays.fill(outcomes, middle, to, trouble);
      return trouble;
    }
    return send(items, middle, to, outcomes);
  }

  private boolean hungUpTooOften(EventId id) {
    if (hangUps.size() >= SUSPECTS_MAX) {
      hangUps.clear();
    }
    boolean tooOften = hangUps.merge(id, 1, Integer::sum) >= HANG_UPS_MAX;
    if (tooOften) {
      hangUps.remove(id);
    }
    return tooOften;
  }

  /**
   * The answer is read up to a size in proportion to the request: an item that is refused may have
   * its document quoted, in the reason and again in its cause.
   */
  private Request bulk(byte[] body, int items) {
    long answer = ANSWER_BYTES_MAX + (long) ITEM_ANSWER_BYTES * items + 2L * body.length;
    Request request = new Request("POST", "/" + settings.dataStream() + "/_bulk");
    request.addParameter("filter_path", "items.*.status,items.*.error,items.*.failure_store");
    request.addParameter("require_data_stream", "true");
    request.setEntity(new ByteArrayEntity(body, NDJSON));
    request.setOptions(BoundedAnswer.options((int) Math.min(Integer.MAX_VALUE, answer)));
    return request;
  }

  /**
   * Whether a request of our form is taken at all. If not (a server that does not know one of our
   * parameters, a proxy), a 400 says nothing about the events, and none of them may be rejected.
   */
  private boolean takesHarmlessRequests() throws InterruptedException {
    try {
      rest.performRequest(bulk(HARMLESS, 1));
      return true;
    } catch (IOException e) {
      interrupted(e);
      return false;
    }
  }

  /** Whether the node answers; refusing us the right to ask is an answer too. */
  private boolean healthy() throws InterruptedException {
    try {
      client.cluster().health(health -> health.timeout(time -> time.time("1s")));
      return true;
    } catch (ElasticsearchException e) {
      return e.status() < 500;
    } catch (ResponseException e) {
      return e.getResponse().getStatusLine().getStatusCode() < 500;
    } catch (IOException e) {
      interrupted(e);
      return false;
    }
  }

  /**
   * The data stream is not there and none could be made, so the template is not there either: it
   * was deleted, or the cluster was restored without it. The next try puts it again, one put for
   * each try.
   */
  private EventOutcome.Deferred streamIsMissing(String answer) {
    if (!settings.manageTemplate()) {
      return new EventOutcome.Deferred(
          Connections.OPERATOR_NEEDED,
          answer
              + ": put an index template for "
              + settings.dataStream()
              + ", or set "
              + ElasticsearchSettings.MANAGE_TEMPLATE
              + " to true");
    }
    templateIsThere = false;
    return EventOutcome.deferred(
        answer + ": putting the index template " + IndexTemplate.name(settings) + " again");
  }

  /** Puts the template unless it is known to be there; null when all is ready. */
  private EventOutcome.@Nullable Deferred prepare() throws InterruptedException {
    if (templateIsThere || !settings.manageTemplate()) {
      return null;
    }
    try {
      IndexTemplate.put(client, settings);
      templateIsThere = true;
      LOG.info("Index template {} is in place", IndexTemplate.name(settings));
      return null;
    } catch (ElasticsearchException e) {
      return Connections.deferred(
          e.status(), Duration.ZERO, "index template: " + e.error().reason());
    } catch (TransportException e) {
      return Connections.deferred(
          e.statusCode(), Duration.ZERO, "index template: " + e.getMessage());
    } catch (ResponseException e) {
      return Connections.deferred(
          e.getResponse().getStatusLine().getStatusCode(),
          Duration.ZERO,
          "index template: " + text(e.getResponse().getEntity()));
    } catch (IOException e) {
      interrupted(e);
      String tooLong = BoundedAnswer.tooLong(e);
      return tooLong != null
          ? answerTooLong(tooLong)
          : EventOutcome.deferred("Elasticsearch cannot be reached: " + rootMessage(e));
    }
  }

  private EventOutcome.Deferred answerTooLong(String howLong) {
    return new EventOutcome.Deferred(
        Connections.OPERATOR_NEEDED,
        "the answer is longer than any of Elasticsearch's ("
            + howLong
            + ") and was not read on: check that "
            + ElasticsearchSettings.URLS
            + " leads to a node: "
            + settings.urls());
  }

  private byte[] item(RoutedEvent routed) {
    byte[] document = format.write(routed);
    byte[] action =
        ("{\"create\":{\"_id\":\"" + routed.event().id() + "\"}}\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] item = Arrays.copyOf(action, action.length + document.length + 1);
    System.arraycopy(document, 0, item, action.length, document.length);
    item[item.length - 1] = '\n';
    return item;
  }

  /** One event as two lines of a bulk body. */
  private static final class Item {
    final EventId id;
    final byte[] bytes;

    Item(EventId id, byte[] bytes) {
      this.id = id;
      this.bytes = bytes;
    }
  }

  private static byte[] body(List<Item> items, int from, int to) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Item item : items.subList(from, to)) {
      body.writeBytes(item.bytes);
    }
    return body.toByteArray();
  }

  private static Duration retryAfter(Response response) {
    String header = response.getHeader("Retry-After");
    return header != null && header.matches("[0-9]{1,6}")
        ? Duration.ofSeconds(Long.parseLong(header))
        : Duration.ZERO;
  }

  private static String text(@Nullable HttpEntity entity) {
    try {
      return entity == null ? "" : EntityUtils.toString(entity, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "unreadable answer: " + LocalFiles.reason(e);
    }
  }

  /** The client wraps an interrupt into an I/O error; turn it back. */
  private static void interrupted(IOException e) throws InterruptedException {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException) {
        throw new InterruptedException();
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    for (int depth = 0; depth < 10 && root.getCause() != null; depth++) {
      root = root.getCause();
    }
    return LocalFiles.reason(root);
  }

  @Override
  public void close() {
    try {
      rest.close();
    } catch (IOException e) {
      LOG.warn("Connections to {} did not close cleanly", settings, e);
    }
  }
}
