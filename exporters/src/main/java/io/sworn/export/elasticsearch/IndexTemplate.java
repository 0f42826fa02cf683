package io.sworn.export.elasticsearch;

import co.elastic.clients.elasticsearch.ElasticsearchClient;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The composable template of our data stream. The envelope is typed; parameters of commands, whose
 * shape clients choose, are one {@code flattened} field, so that no document can add to the
 * mapping.
 */
final class IndexTemplate {

  private IndexTemplate() {}

  static String name(ElasticsearchSettings settings) {
    return "sworn-" + settings.dataStream();
  }

  static void put(ElasticsearchClient client, ElasticsearchSettings settings) throws IOException {
    byte[] json = json(settings).getBytes(StandardCharsets.UTF_8);
    client
        .indices()
        .putIndexTemplate(
            request -> request.name(name(settings)).withJson(new ByteArrayInputStream(json)));
  }

  static String json(ElasticsearchSettings settings) {
    try (InputStream in = IndexTemplate.class.getResourceAsStream("index-template.json")) {
      if (in == null) {
        throw new IllegalStateException("index-template.json is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${data_stream}", settings.dataStream())
          .replace("${retention}", settings.retention());
    } catch (IOException e) {
      throw new SwornException(ErrorCode.INTERNAL, "index-template.json cannot be read", e);
    }
  }
}
