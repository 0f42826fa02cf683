package io.sworn.export.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** A reverse proxy before a node that may answer itself, or hang up. */
public final class EsFront implements AutoCloseable {

  /**
   * What the proxy does with a request.
   *
   * @param status 0 = forward, -1 = hang up, else answer so
   * @param json body of the answer
   * @param chunked whether the answer leaves its length open
   */
  public record Answer(int status, String json, boolean chunked) {
    /** An answer that announces its length. */
    public Answer(int status, String json) {
      this(status, json, false);
    }

    /** To the node. */
    public static final Answer FORWARD = new Answer(0, "");

    /** Closes the connection without an answer. */
    public static final Answer HANG_UP = new Answer(-1, "");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final HttpClient http = HttpClient.newHttpClient();
  private final String target;
  private final BiFunction<String, String, Answer> rule;
  private final AtomicInteger bulks = new AtomicInteger();

  private EsFront(String target, BiFunction<String, String, Answer> rule) throws IOException {
    this.target = target;
    this.rule = rule;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts a proxy.
   *
   * @param target URL of a node; may be empty if nothing is forwarded
   * @param rule from path and body to what is done
   */
  public static EsFront start(String target, BiFunction<String, String, Answer> rule)
      throws IOException {
    return new EsFront(target, rule);
  }

  /** URL of the proxy. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Bulk requests that came. */
  public int bulks() {
    return bulks.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().toString();
      if (path.contains("/_bulk")) {
        bulks.incrementAndGet();
      }
      Answer answer = rule.apply(path, new String(body, StandardCharsets.UTF_8));
      if (answer.status() > 0) {
        byte[] json = answer.json().getBytes(StandardCharsets.UTF_8);
        reply(exchange, answer.status(), json, answer.chunked());
      } else if (answer.status() == 0) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(URI.create(target + path))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        for (String name : new String[] {"Content-Type", "Accept", "Authorization"}) {
          String value = exchange.getRequestHeaders().getFirst(name);
          if (value != null) {
            request.header(name, value);
          }
        }
        HttpResponse<byte[]> response =
            http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        reply(exchange, response.statusCode(), response.body(), false);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reply(HttpExchange exchange, int status, byte[] json, boolean chunked)
      throws IOException {
    exchange.getResponseHeaders().set("X-Elastic-Product", "Elasticsearch");
    exchange
        .getResponseHeaders()
        .set("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8");
    exchange.sendResponseHeaders(status, chunked ? 0 : json.length == 0 ? -1 : json.length);
    exchange.getResponseBody().write(json);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
