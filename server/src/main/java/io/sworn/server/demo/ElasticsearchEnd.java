package io.sworn.server.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.server.connect.ExporterSpec;
import io.sworn.server.identity.OwnerOnly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A real Elasticsearch, asked over its own interface which events it holds. Each data directory has
 * a data stream of its own there, which outlives a run.
 */
final class ElasticsearchEnd implements End {

  static final String NAME = "elasticsearch";

  /** API key, encoded as Elasticsearch gives it out. */
  static final String API_KEY = "SWORN_DEMO_ELASTICSEARCH_API_KEY";

  /** User, if there is no API key. */
  static final String USER = "SWORN_DEMO_ELASTICSEARCH_USER";

  /** Password of the user. */
  static final String PASSWORD = "SWORN_DEMO_ELASTICSEARCH_PASSWORD";

  /** PEM file of the authority, if the Java runtime does not trust it. */
  static final String AUTHORITY = "SWORN_DEMO_ELASTICSEARCH_CA";

  /** As many as a search may give back unless an index says otherwise. */
  private static final int PAGE = 10_000;

  /** Whole documents: a few megabytes an answer, but for the rare large event. */
  private static final int DOCUMENTS = 200;

  private static final int TRIES_MAX = 5;
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final URI url;
  private final String stream;
  private final Map<String, String> settings = new HashMap<>();
  private final HttpClient http;
  private final @Nullable String authorization;
  private long total;
  private long distinct;

  private ElasticsearchEnd(URI url, String stream, UnaryOperator<@Nullable String> environment) {
    this.url = url;
    this.stream = stream;
    settings.put("elasticsearch.urls", url.toString());
    settings.put("elasticsearch.data.stream", stream);
    settings.put("retry.backoff.ms", "200");
    settings.put("retry.backoff.max.ms", "2000");
    authorization = authorize(environment);
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(TIMEOUT);
    String authority = environment.apply(AUTHORITY);
    if (authority != null) {
      settings.put("elasticsearch.tls.ca.file", authority);
      client.sslContext(ReceiverTls.trusting(Path.of(authority)));
    }
    http = client.build();
  }

  private @Nullable String authorize(UnaryOperator<@Nullable String> environment) {
    String key = environment.apply(API_KEY);
    String user = environment.apply(USER);
    String password = environment.apply(PASSWORD);
    if (key != null) {
      settings.put("elasticsearch.api.key", key);
      return "ApiKey " + key;
    }
    if (user != null && password != null) {
      settings.put("elasticsearch.user", user);
      settings.put("elasticsearch.password", password);
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }
    return null;
  }

  /**
   * Reaches a cluster.
   *
   * @param own where the name of the data stream is kept, and which cluster has it
   * @param cluster what a person calls it: the address, or that the node is the demonstration's own
   * @param environment gives the credentials, if the cluster wants any
   * @throws SwornException if it cannot be reached or refuses to say how it is, or if it was
   *     another cluster before
   */
  static ElasticsearchEnd connect(
      URI url, Path own, String cluster, UnaryOperator<@Nullable String> environment) {
    Path known = own.resolve("elasticsearch.cluster");
    sameAsBefore(known, cluster);
    ElasticsearchEnd end = new ElasticsearchEnd(url, stream(own), environment);
    int status = end.send("GET", "/_cluster/health", "").statusCode();
    if (status != 200) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "--elasticsearch="
              + url
              + " answers "
              + status
              + ": give the address of a node, and "
              + API_KEY
              + ", or "
              + USER
              + " and "
              + PASSWORD
              + ", in the environment");
    }
    OwnerOnly.write(known, cluster + "\n");
    return end;
  }

  /** What the exporter has delivered counts for good, so it cannot be looked for elsewhere. */
  private static void sameAsBefore(Path known, String cluster) {
    try {
      String before = Files.exists(known) ? Files.readString(known).strip() : cluster;
      if (!before.equals(cluster)) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            "what was delivered from this data directory is in Elasticsearch "
                + before
                + " (see "
                + known
                + ") and would not be found in "
                + cluster
                + ": name another directory with --data, or the former with --elasticsearch");
      }
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, known + " cannot be read: " + LocalFiles.reason(e, known), e);
    }
  }

  private static String stream(Path own) {
    Path file = own.resolve("elasticsearch.stream");
    try {
      if (Files.notExists(file)) {
        String some = UUID.randomUUID().toString().substring(0, 8);
        OwnerOnly.write(file, "logs-mongodb.audit-demo_" + some + "\n");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.STORAGE, file + " cannot be read: " + LocalFiles.reason(e, file), e);
    }
  }

  /** How the exporter reaches it. */
  ExporterSpec exporter() {
    return new ExporterSpec(NAME, NAME, NAME, settings);
  }

  /**
   * Makes what was stored findable, and counts it: all documents, and the ids among them, one by
   * one.
   */
  @Override
  public ElasticsearchEnd refresh() {
    send("POST", "/" + stream + "/_refresh", "");
    total = ask("_count", JSON.createObjectNode()).path("count").asLong();
    distinct = 0;
    page(PAGE, false, hit -> distinct++);
    return this;
  }

  @Override
  public long distinct() {
    return distinct;
  }

  @Override
  public long repeated() {
    return total - distinct;
  }

  @Override
  public Set<String> among(Collection<String> ids) {
    List<String> all = new ArrayList<>(ids);
    Set<String> found = new HashSet<>();
    for (int from = 0; from < all.size(); from += PAGE) {
      ObjectNode search = search(PAGE, false);
      search
          .putObject("query")
          .putObject("terms")
          .set("event.id", JSON.valueToTree(all.subList(from, Math.min(from + PAGE, all.size()))));
      for (JsonNode hit : ask("_search", search).at("/hits/hits")) {
        found.add(hit.path("_id").asText());
      }
    }
    return found;
  }

  /** What to do with one document. */
  private interface Hit {
    void take(JsonNode hit) throws IOException;
  }

  /** All documents in the order of their ids, each id once. */
  private void page(int size, boolean whole, Hit each) {
    String after = "";
    while (true) {
      ObjectNode search = search(size, whole);
      search.putArray("sort").add("event.id");
      if (!after.isEmpty()) {
        search.putArray("search_after").add(after);
      }
      JsonNode hits = ask("_search", search).at("/hits/hits");
      String last = after;
      for (JsonNode hit : hits) {
        String id = hit.at("/sort/0").asText();
        if (!id.equals(last)) {
          try {
            each.take(hit);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        last = id;
      }
      if (hits.size() < size) {
        return;
      }
      after = last;
    }
  }

  private static ObjectNode search(int size, boolean whole) {
    return JSON.createObjectNode()
        .put("size", size)
        .put("_source", whole)
        .put("track_total_hits", false);
  }

  @Override
  public void leave(Path target) throws IOException {
    try (Writer to = Files.newBufferedWriter(target)) {
      page(DOCUMENTS, true, hit -> to.append(hit.path("_source").toString()).append('\n'));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The answer; an empty one as long as nothing has arrived and there is no such stream. */
  private JsonNode ask(String what, ObjectNode query) {
    HttpResponse<String> answer = send("POST", "/" + stream + "/" + what, query.toString());
    for (int i = 0; i < TRIES_MAX && answer.statusCode() == 503; i++) {
      // An index that has just been made is there before its shards are; this waits for them.
      send("GET", "/_cluster/health/" + stream + "?wait_for_active_shards=1&timeout=10s", "");
      answer = send("POST", "/" + stream + "/" + what, query.toString());
    }
    if (answer.statusCode() == 404) {
      return JSON.createObjectNode();
    }
    if (answer.statusCode() != 200) {
      throw new SwornException(
          ErrorCode.DESTINATION,
          "Elasticsearch answers " + what + " with " + answer.statusCode() + ": " + answer.body());
    }
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new SwornException(ErrorCode.DESTINATION, url + " does not answer with JSON", e);
    }
  }

  private HttpResponse<String> send(String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.DESTINATION,
          "Elasticsearch at " + url + " cannot be reached: " + LocalFiles.reason(e),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SwornException(ErrorCode.DESTINATION, "interrupted while asking " + url, e);
    }
  }
}
