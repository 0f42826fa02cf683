package io.sworn.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.filter.alert.YamlFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a file of YAML; says where it is none and what to do, in words of ours. */
final class YamlText {

  private static final YAMLMapper MAPPER =
      new YAMLMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private YamlText() {}

  /**
   * What the file says.
   *
   * @throws SwornException with the place as {@code file:line:column}
   */
  static JsonNode read(Path file) {
    String text = "";
    try {
      text = Files.readString(file);
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      YamlFault fault = YamlFault.of(e, text);
      throw new SwornException(
          ErrorCode.CONFIGURATION, file + fault.place() + ": " + fault.words(), e);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "configuration " + file + " cannot be read: " + LocalFiles.reason(e, file),
          e);
    }
  }
}
