package io.sworn.server.demo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElasticsearchNodeTest {

  private static final String REMEDY = "--elasticsearch=URL, or leave the option out";

  @TempDir Path directory;
  private final String before = System.getProperty(ElasticsearchNode.HOME, "");

  @AfterEach
  void restore() {
    System.setProperty(ElasticsearchNode.HOME, before);
  }

  @Test
  void outsideACheckoutItSaysWhatToDo() {
    System.setProperty(ElasticsearchNode.HOME, directory.toString());
    assertThatThrownBy(() -> ElasticsearchNode.start(directory, text -> {}))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("in a checkout of the sources")
        .hasMessageContaining(REMEDY);
  }

  @Test
  void aFetchThatFailsIsNamedWithItsLog() throws Exception {
    Path launcher = directory.resolve("exporters/src/test/resources/es-node/EsNodeLauncher.java");
    Files.createDirectories(launcher.getParent());
    Files.createFile(launcher); // a checkout without a pom, so that Maven has nothing to run
    System.setProperty(ElasticsearchNode.HOME, directory.toString());
    assertThatThrownBy(() -> ElasticsearchNode.start(directory.resolve("own"), text -> {}))
        .isInstanceOf(SwornException.class)
        .hasMessageMatching("(?s).*(could not be fetched.*fetch\\.log|no mvn found).*")
        .hasMessageContaining(REMEDY);
  }
}
