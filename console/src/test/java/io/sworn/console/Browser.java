package io.sworn.console;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An HTTP client that trusts the test's certificate and keeps cookies, and follows nothing. */
final class Browser {

  private static final Pattern FORM = Pattern.compile("name=\"form\" value=\"([^\"]+)\"");

  final Map<String, String> cookies = new LinkedHashMap<>();
  private final RunningConsole console;
  private final HttpClient http;

  Browser(RunningConsole console) throws IOException, GeneralSecurityException {
    this.console = console;
    http =
        HttpClient.newBuilder()
            .sslContext(console.certificates.trusting())
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(console.url(path))).GET());
  }

  HttpResponse<String> post(String path, Map<String, String> form)
      throws IOException, InterruptedException {
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(URI.create(console.url(path)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpResponse<String> signIn(String user, String password)
      throws IOException, InterruptedException {
    String token = formToken(get("/sign-in"));
    return post("/sign-in", Map.of("form", token, "user", user, "password", password));
  }

  static String formToken(HttpResponse<String> page) {
    Matcher token = FORM.matcher(page.body());
    if (!token.find()) {
      throw new AssertionError("no form in " + page.body());
    }
    return token.group(1);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    if (!cookies.isEmpty()) {
      request.header(
          "Cookie",
          cookies.entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining("; ")));
    }
    HttpResponse<String> answer =
        http.send(
            request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
    for (String cookie : answer.headers().allValues("set-cookie")) {
      String pair = cookie.substring(0, cookie.indexOf(';'));
      String name = pair.substring(0, pair.indexOf('='));
      if (cookie.contains("Max-Age=0")) {
        cookies.remove(name);
      } else {
        cookies.put(name, pair.substring(name.length() + 1));
      }
    }
    return answer;
  }
}
