package io.sworn.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cluster belongs to a data directory; only its health is asked for here. */
class ElasticsearchEndTest {

  private static final String MINE = "https://mine:9200";

  @TempDir Path data;
  private Path own;
  private HttpServer cluster;
  private URI url;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    own = Files.createDirectory(data.resolve("demo"));
    cluster = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cluster.createContext(
        "/_cluster/health",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    cluster.start();
    url = URI.create("http://127.0.0.1:" + cluster.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    cluster.stop(0);
  }

  @Test
  void anotherClusterOnTheSameDataIsRefusedWithBothNames() {
    connect("node");
    assertThatThrownBy(() -> connect(MINE))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("Elasticsearch node ")
        .hasMessageContaining(MINE)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("--data")
        .hasMessageContaining("--elasticsearch");
  }

  @Test
  void theSameClusterHasTheSameStreamAgain() {
    assertThat(stream(connect(MINE))).isEqualTo(stream(connect(MINE)));
  }

  @Test
  void aClusterThatNeverAnsweredIsNotRemembered() {
    status = 401;
    assertThatThrownBy(() -> connect("https://wrong:9200")).hasMessageContaining("answers 401");
    status = 200;
    assertThat(stream(connect(MINE))).startsWith("logs-mongodb.audit-demo_");
  }

  private ElasticsearchEnd connect(String name) {
    return ElasticsearchEnd.connect(url, own, name, variable -> null);
  }

  private static String stream(ElasticsearchEnd end) {
    return end.exporter().settings().getOrDefault("elasticsearch.data.stream", "");
  }
}
