package io.sworn.export.splunk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to one collector over one channel. Acknowledgements live in the memory of the node that
 * took a post, so the load balancer's cookie is sent back. When it changes, that node may be gone,
 * and new posts take a new channel; but some balancers change their cookie with every answer, and
 * then a change means nothing.
 */
final class HecConnection {

  private static final Logger LOG = LoggerFactory.getLogger(HecConnection.class);
  private static final JsonMapper MAPPER = new JsonMapper();

  /** The collector's own answers are far shorter, also to a question for many acknowledgements. */
  static final int ANSWER_BYTES_MAX = 1024 * 1024;

  private final SplunkSettings settings;
  private final CookieManager cookies = new CookieManager();
  private final HttpClient http;
  private String channel = UUID.randomUUID().toString();
  private String stickiness = "";
  private boolean cookiesRotate;
  private boolean gzip;

  HecConnection(SplunkSettings settings) {
    this.settings = settings;
    this.gzip = settings.gzip();
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .cookieHandler(cookies)
            .sslContext(settings.tls().context())
            .build();
  }

  /** Posts envelopes that stand back to back. */
  HecAnswer post(byte[] envelopes) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request("/services/collector/event")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(gzip ? compress(envelopes) : envelopes));
    if (gzip) {
      request.header("Content-Encoding", "gzip");
    }
    return answer(send(request.build()));
  }

  /** The channel of the next post. */
  String channel() {
    return channel;
  }

  /**
   * Which of {@code ids} of {@code of}, a channel, the indexer has. An id is told once only: take
   * note of it at once.
   *
   * @throws RefusedException if the collector does not answer the question
   */
  List<Long> acknowledged(String of, Collection<Long> ids)
      throws IOException, InterruptedException {
    String question = MAPPER.createObjectNode().set("acks", MAPPER.valueToTree(ids)).toString();
    HttpResponse<String> response =
        send(
            request("/services/collector/ack?channel=" + of, of)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question))
                .build());
    JsonNode acks = parse(response.body()).path("acks");
    if (response.statusCode() != 200 || !acks.isObject()) {
      throw new RefusedException(answer(response));
    }
    List<Long> told = new ArrayList<>();
    for (Long id : ids) {
      if (acks.path(id.toString()).asBoolean(false)) {
        told.add(id);
      }
    }
    return told;
  }

  /** Whether the collector says that it is unhealthy. A proxy's refusal to tell is not that. */
  boolean unhealthy() throws IOException, InterruptedException {
    HttpResponse<String> response = send(request("/services/collector/health").GET().build());
    return response.statusCode() == 503;
  }

  /** Forgets the channel and takes a new one. */
  void renewChannel() {
    channel = UUID.randomUUID().toString();
    LOG.info("{}: new channel {}", settings.url(), channel);
  }

  /** Whether the balancer may have moved us since the last call; the channel is renewed then. */
  boolean moved() {
    String now = cookies.getCookieStore().getCookies().toString();
    boolean changed = !stickiness.isEmpty() && !stickiness.equals(now) && !now.equals("[]");
    if (!now.equals("[]")) {
      stickiness = now;
    }
    boolean moved = changed && !cookiesRotate;
    if (moved) {
      renewChannel();
    }
    return moved;
  }

  /** The node before a change of the cookie still answers, so a change tells nothing here. */
  void cookiesRotate() {
    if (!cookiesRotate) {
      cookiesRotate = true;
      LOG.info("{}: the load balancer changes its cookie without moving us", settings.url());
    }
  }

  /** Sends plain bodies from now on. */
  void stopCompressing() {
    LOG.warn("{} does not take compressed bodies: sending plain ones", settings.url());
    gzip = false;
  }

  boolean compressing() {
    return gzip;
  }

  private HttpRequest.Builder request(String path) {
    return request(path, channel);
  }

  private HttpRequest.Builder request(String path, String of) {
    return HttpRequest.newBuilder(URI.create(settings.url() + path))
        .timeout(settings.timeout())
        .header("Authorization", "Splunk " + settings.token())
        .header("X-Splunk-Request-Channel", of)
        .header("__splunk_app_name", "sworn");
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, head -> new BoundedText(ANSWER_BYTES_MAX));
  }

  private static HecAnswer answer(HttpResponse<String> response) {
    return HecAnswer.read(
        response.statusCode(),
        response.body(),
        response.headers().firstValue("Retry-After").orElse(""));
  }

  private static JsonNode parse(String body) {
    try {
      return MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      // Not the collector's JSON: the caller sees that the member is missing.
      return MAPPER.missingNode();
    }
  }

  private static byte[] compress(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4);
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array took no byte", e);
    }
    return out.toByteArray();
  }

  /** An answer that is not the one asked for. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private final transient HecAnswer answer;

    RefusedException(HecAnswer answer) {
      super(answer.describe());
      this.answer = answer;
    }

    HecAnswer answer() {
      return answer;
    }
  }
}
