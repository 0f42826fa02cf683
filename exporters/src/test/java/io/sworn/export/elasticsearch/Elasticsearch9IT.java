package io.sworn.export.elasticsearch;

import io.sworn.export.testing.EsNode;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

class Elasticsearch9IT extends ElasticsearchNodeTests {

  @BeforeAll
  static void needsAJvm() throws IOException {
    Assumptions.assumeTrue(
        EsNode.java(EsNode.Version.V9).isPresent(), "no JDK that runs Elasticsearch 9");
  }

  @Override
  EsNode.Version version() {
    return EsNode.Version.V9;
  }
}
