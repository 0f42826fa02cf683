package io.sworn.export.elasticsearch;

import io.sworn.export.testing.EsNode;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

class Elasticsearch8IT extends ElasticsearchNodeTests {

  @BeforeAll
  static void needsAJvm() throws IOException {
    Assumptions.assumeTrue(
        EsNode.java(EsNode.Version.V8).isPresent(), "no JDK that runs Elasticsearch 8");
  }

  @Override
  EsNode.Version version() {
    return EsNode.Version.V8;
  }
}
