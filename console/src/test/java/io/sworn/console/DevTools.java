package io.sworn.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium of the system, driven over its DevTools protocol. One page. */
final class DevTools implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process chromium;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private int lastId;

  private DevTools(Process chromium, HttpClient http, String page) throws Exception {
    this.chromium = chromium;
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(page), new Answers())
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** The browser on the path, if there is one. */
  static Optional<Path> installed() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .flatMap(d -> Stream.of(Path.of(d, "chromium"), Path.of(d, "chromium-browser")))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static DevTools start(Path executable, Path profile) throws Exception {
    Process chromium =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--ignore-certificate-errors",
                "--window-size=1200,820",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolveSibling("chromium.log").toFile())
            .start();
    try {
      HttpClient http = HttpClient.newHttpClient();
      String port = awaitPort(profile.resolve("DevToolsActivePort"), chromium);
      HttpResponse<String> pages =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build(),
              HttpResponse.BodyHandlers.ofString());
      for (JsonNode page : JSON.readTree(pages.body())) {
        if (page.path("type").asText().equals("page")) {
          return new DevTools(chromium, http, page.path("webSocketDebuggerUrl").asText());
        }
      }
      throw new IOException("Chromium shows no page: " + pages.body());
    } catch (Exception e) {
      chromium.destroyForcibly();
      throw e;
    }
  }

  /** Sends one command and returns its result. */
  JsonNode call(String method, Map<String, ?> params) throws Exception {
    int id = ++lastId;
    String message = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", params));
    socket.sendText(message, true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Instant deadline = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(deadline)) {
      JsonNode answer = answers.poll(1, TimeUnit.SECONDS);
      if (answer != null && answer.path("id").asInt() == id) {
        if (answer.has("error")) {
          throw new IOException(method + ": " + answer.get("error"));
        }
        return answer.path("result");
      }
    }
    throw new IOException(method + ": no answer within " + PATIENCE);
  }

  void open(String url) throws Exception {
    call("Page.navigate", Map.of("url", url));
  }

  /** Value of a JavaScript expression as text. */
  String evaluate(String expression) throws Exception {
    return call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"))
        .path("result")
        .path("value")
        .asText();
  }

  /** Waits until the expression has this value. */
  void await(String expression, String expected) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    String seen = "";
    while (Instant.now().isBefore(deadline)) {
      seen = evaluate("(()=>{try{return " + expression + "}catch(e){return e.message}})()");
      if (seen.equals(expected)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError(expression + ": expected " + expected + ", last seen " + seen);
  }

  void dark(boolean dark) throws Exception {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  void screenshot(Path file) throws Exception {
    String png = call("Page.captureScreenshot", Map.of("format", "png")).path("data").asText();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(png));
  }

  @Override
  public void close() {
    socket.abort();
    chromium.descendants().forEach(ProcessHandle::destroyForcibly);
    chromium.destroyForcibly();
    chromium.onExit().join();
  }

  private static String awaitPort(Path file, Process chromium) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(deadline) && chromium.isAlive()) {
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        if (!lines.isEmpty()) {
          return lines.get(0);
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new IOException("Chromium did not start");
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          answers.add(JSON.readTree(text.toString()));
        } catch (IOException e) {
          return CompletableFuture.failedStage(e);
        } finally {
          text.setLength(0);
        }
      }
      from.request(1);
      return null;
    }
  }
}
