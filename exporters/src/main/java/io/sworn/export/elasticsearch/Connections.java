package io.sworn.export.elasticsearch;

import io.sworn.export.EventOutcome;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.message.BasicHeader;
import org.elasticsearch.client.RestClient;

/** Opens connections to a cluster and reads the statuses that concern a whole request. */
final class Connections {

  /** Someone must change something first; ask seldom. */
  static final Duration OPERATOR_NEEDED = Duration.ofSeconds(10);

  private Connections() {}

  static RestClient open(ElasticsearchSettings settings) {
    HttpHost[] hosts =
        settings.urls().stream()
            .map(url -> new HttpHost(host(url), port(url), url.getScheme()))
            .toArray(HttpHost[]::new);
    List<Header> headers = new ArrayList<>();
    headers.add(new BasicHeader("Accept", "application/vnd.elasticsearch+json; compatible-with=8"));
    if (!settings.apiKey().isEmpty()) {
      headers.add(new BasicHeader("Authorization", "ApiKey " + settings.apiKey()));
    } else if (!settings.user().isEmpty()) {
      String pair = settings.user() + ":" + settings.password();
      headers.add(
          new BasicHeader(
              "Authorization",
              "Basic "
                  + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))));
    }
    int millis = Math.toIntExact(settings.timeout().toMillis());
    SSLContext tls = settings.tls().context();
    return RestClient.builder(hosts)
        .setDefaultHeaders(headers.toArray(Header[]::new))
        .setRequestConfigCallback(
            request -> request.setConnectTimeout(Math.min(millis, 5_000)).setSocketTimeout(millis))
        .setHttpClientConfigCallback(http -> http.setSSLContext(tls))
        .build();
  }

  /** What a failed request as a whole means: always wait, never drop. */
  static EventOutcome.Deferred deferred(int status, Duration retryAfter, String answer) {
    return switch (status) {
      case 400, 401, 403, 404, 405, 407 ->
          new EventOutcome.Deferred(
              OPERATOR_NEEDED,
              "Elasticsearch refuses us with HTTP "
                  + status
                  + " (check credentials, rights, address and version): "
                  + brief(answer));
      default -> new EventOutcome.Deferred(retryAfter, "Elasticsearch answered HTTP " + status);
    };
  }

  /** The beginning of an answer, for one line of a log. */
  static String brief(String answer) {
    return answer.length() <= 300 ? answer : answer.substring(0, 300) + "...";
  }

  private static String host(URI url) {
    return url.getHost();
  }

  private static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : 9200;
  }
}
