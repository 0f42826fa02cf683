package io.sworn.export.loopback;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A receiver that answers as Splunk's HTTP Event Collector does: authorisation, channels, partial
 * acceptance, acknowledgements that are told once, all on 127.0.0.1. It indexes nothing; it counts.
 */
public final class HecReceiver implements AutoCloseable {

  private static final JsonMapper MAPPER = new JsonMapper();

  /**
   * How the token is set up.
   *
   * @param value the token
   * @param acknowledgement whether the indexer acknowledges
   */
  public record Token(String value, boolean acknowledgement) {
    /** Without the token. */
    @Override
    public String toString() {
      return "Token[***, acknowledgement=" + acknowledgement + "]";
    }
  }

  private final Token token;
  private final HttpServer server;
  private final ExecutorService threads;
  private final Consumer<String> onEvent;
  private final ReceivedEvents received = new ReceivedEvents();
  private final Map<String, Channel> channels = new HashMap<>();
  private volatile HecFaults faults = HecFaults.NONE;
  private volatile Supplier<String> cookies = () -> "";
  private volatile String heldId = "";

  private static final class Channel {
    long nextAck;
    final Map<Long, Ack> untold = new HashMap<>();
  }

  /** An acknowledgement that was not told yet. */
  private record Ack(long readyAtNanos, boolean held) {}

  private HecReceiver(int port, Token token, @Nullable SSLContext tls, Consumer<String> onEvent)
      throws IOException {
    this.token = token;
    this.onEvent = onEvent;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
    if (tls == null) {
      server = HttpServer.create(address, 50);
    } else {
      HttpsServer https = HttpsServer.create(address, 50);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      server = https;
    }
    threads =
        Executors.newFixedThreadPool(
            8,
            work -> {
              Thread thread = new Thread(work, "hec-receiver");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts a receiver without TLS.
   *
   * @param port 0 = any free one
   */
  public static HecReceiver start(int port, Token token) throws IOException {
    return new HecReceiver(port, token, null, text -> {});
  }

  /**
   * Starts a receiver.
   *
   * @param port 0 = any free one
   * @param tls null = plain HTTP
   * @param onEvent gets the JSON of each event that is taken, one at a time
   */
  public static HecReceiver start(
      int port, Token token, @Nullable SSLContext tls, Consumer<String> onEvent)
      throws IOException {
    return new HecReceiver(port, token, tls, onEvent);
  }

  /** Port that it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Distinct values of {@code fields.event_id}. */
  public Set<String> receivedIds() {
    return received.ids();
  }

  /** How many distinct events were taken. */
  public int distinct() {
    return received.distinct();
  }

  /** How many events were taken, repetitions included. */
  public long total() {
    return received.total();
  }

  /** JSON of the newest events, at most 10,000. */
  public List<String> events() {
    return received.texts();
  }

  /** Switches faults; takes effect with the next request. */
  public void faults(HecFaults now) {
    faults = now;
  }

  /** Sets a cookie with each answer, as a load balancer before the collector does. */
  public void cookies(Supplier<String> values) {
    cookies = values;
  }

  /** Forgets all channels, as a node does that is started anew or was never asked before. */
  public void forgetChannels() {
    synchronized (channels) {
      channels.clear();
    }
  }

  /** Withholds the acknowledgement of the posts with this event; empty gives it. */
  public void holdAcknowledgementOf(String eventId) {
    heldId = eventId;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String cookie = cookies.get();
    if (!cookie.isEmpty()) {
      exchange.getResponseHeaders().set("Set-Cookie", "BALANCER=" + cookie + "; Path=/");
    }
    try (exchange) {
      String path = exchange.getRequestURI().getPath().replaceFirst("/1\\.0$", "");
      switch (path) {
        case "/services/collector", "/services/collector/event" -> post(exchange);
        case "/services/collector/ack" -> ack(exchange);
        case "/services/collector/health" -> health(exchange);
        default -> reply(exchange, 404, 404, "The requested URL was not found on this server.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void health(HttpExchange exchange) throws IOException {
    if (faults.status() == 503) {
      reply(exchange, 503, 18, "HEC is unhealthy, queues are full");
    } else {
      reply(exchange, 200, 17, "HEC is healthy");
    }
  }

  private void post(HttpExchange exchange) throws IOException, InterruptedException {
    HecFaults now = faults;
    byte[] raw = exchange.getRequestBody().readAllBytes();
    if (!now.answerAfter().isZero()) {
      Thread.sleep(now.answerAfter().toMillis());
    }
    if (now.bodyBytesMax() > 0 && raw.length > now.bodyBytesMax()) {
      page(exchange, 413);
      return;
    }
    if (now.status() != 0) {
      if (now.code() < 0) {
        page(exchange, now.status());
      } else {
        reply(exchange, now.status(), now.code(), text(now.code()));
      }
      return;
    }
    String encoding = header(exchange, "Content-Encoding");
    if (!encoding.isEmpty() && !encoding.equals("gzip")) {
      reply(exchange, 415, 415, "Unsupported Media Type");
      return;
    }
    if (unauthorized(exchange)) {
      return;
    }
    String channel = channel(exchange);
    if (token.acknowledgement() && channel.isEmpty()) {
      reply(exchange, 400, 10, "Data channel is missing");
      return;
    }
    if (!channel.isEmpty()
        && !channel.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      reply(exchange, 400, 11, "Invalid data channel");
      return;
    }
    try {
      take(exchange, encoding.isEmpty() ? raw : unzip(raw), channel, now);
    } catch (ZipException e) {
      reply(exchange, 400, 6, "Invalid data format");
    }
  }

  private void take(HttpExchange exchange, byte[] body, String channel, HecFaults now)
      throws IOException {
    HecEnvelopes.Verdict verdict = HecEnvelopes.judge(body, now.refusedId());
    for (HecEnvelopes.Envelope envelope : verdict.taken()) {
      received.add(envelope.id(), envelope.json());
      synchronized (onEvent) {
        onEvent.accept(envelope.json());
      }
    }
    if (verdict.code() != 0) {
      String number = verdict.number() < 0 ? "" : ",\"invalid-event-number\":" + verdict.number();
      send(
          exchange,
          400,
          "{\"text\":\"" + verdict.text() + "\",\"code\":" + verdict.code() + number + "}");
    } else if (token.acknowledgement()) {
      send(
          exchange,
          200,
          "{\"text\":\"Success\",\"code\":0,\"ackId\":"
              + acknowledgeLater(channel, verdict.taken(), now)
              + "}");
    } else {
      reply(exchange, 200, 0, "Success");
    }
  }

  private long acknowledgeLater(String channel, List<HecEnvelopes.Envelope> taken, HecFaults now) {
    boolean held = taken.stream().anyMatch(envelope -> envelope.id().equals(heldId));
    synchronized (channels) {
      Channel of = channels.computeIfAbsent(channel, c -> new Channel());
      of.untold.put(
          of.nextAck, new Ack(System.nanoTime() + now.acknowledgeAfter().toNanos(), held));
      return of.nextAck++;
    }
  }

  private boolean acknowledged(Channel channel, long id) {
    Ack ack = channel.untold.get(id);
    boolean ready =
        ack != null
            && !faults.loseAcks()
            && System.nanoTime() - ack.readyAtNanos() >= 0
            && (!ack.held() || heldId.isEmpty());
    if (ready) {
      channel.untold.remove(id);
    }
    return ready;
  }

  private void ack(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (unauthorized(exchange)) {
      return;
    }
    if (!token.acknowledgement()) {
      reply(exchange, 400, 14, "ACK is disabled");
      return;
    }
    String channel = channel(exchange);
    if (channel.isEmpty()) {
      reply(exchange, 400, 10, "Data channel is missing");
      return;
    }
    JsonNode asked = MAPPER.readTree(body).path("acks");
    StringBuilder answer = new StringBuilder("{\"acks\":{");
    synchronized (channels) {
      Channel of = channels.computeIfAbsent(channel, c -> new Channel());
      for (JsonNode id : asked) {
        // A status is deleted once it was told; unknown ids and those told before are false.
        boolean there = acknowledged(of, id.asLong());
        answer
            .append(answer.charAt(answer.length() - 1) == '{' ? "" : ",")
            .append('"')
            .append(id.asLong())
            .append("\":")
            .append(there);
      }
    }
    send(exchange, 200, answer.append("}}").toString());
  }

  private boolean unauthorized(HttpExchange exchange) throws IOException {
    String given = header(exchange, "Authorization");
    if (given.isEmpty()) {
      reply(exchange, 401, 2, "Token is required");
      return true;
    }
    if (!given.startsWith("Splunk ")) {
      reply(exchange, 401, 3, "Invalid authorization");
      return true;
    }
    if (!given.substring("Splunk ".length()).equals(token.value())) {
      reply(exchange, 403, 4, "Invalid token");
      return true;
    }
    return false;
  }

  private static String channel(HttpExchange exchange) {
    String header = header(exchange, "X-Splunk-Request-Channel");
    if (!header.isEmpty()) {
      return header;
    }
    String query = exchange.getRequestURI().getQuery();
    return query != null && query.startsWith("channel=") ? query.substring(8) : "";
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static byte[] unzip(byte[] body) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(body))) {
      return in.readAllBytes();
    }
  }

  private static void reply(HttpExchange exchange, int status, int code, String text)
      throws IOException {
    send(exchange, status, "{\"text\":\"" + text + "\",\"code\":" + code + "}");
  }

  /** The collector's words for the codes that faults answer with. */
  private static String text(int code) {
    return switch (code) {
      case 4 -> "Invalid token";
      case 9 -> "Server is busy";
      default -> "fault is switched on";
    };
  }

  private static void page(HttpExchange exchange, int status) throws IOException {
    send(
        exchange,
        status,
        status == 413
            ? "413 Request Entity Too Large"
            : "<html><body>" + status + "</body></html>");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=UTF-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Stops listening; what was received can still be asked for. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
