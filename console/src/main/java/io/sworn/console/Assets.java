package io.sworn.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** The packaged files of the pages: these and no others, so no path can lead elsewhere. */
final class Assets {

  private final Map<String, Asset> assets =
      Map.of(
          "/assets/console.css", load("console.css", "text/css; charset=utf-8"),
          "/assets/console.js", load("console.js", "text/javascript; charset=utf-8"),
          "/assets/icon.svg", load("icon.svg", "image/svg+xml"));

  /** A file and how to call it. */
  static final class Asset {
    private final String contentType;
    private final byte[] content;

    private Asset(String contentType, byte[] content) {
      this.contentType = contentType;
      this.content = content;
    }

    String contentType() {
      return contentType;
    }

    InputStream open() {
      return new ByteArrayInputStream(content);
    }
  }

  Optional<Asset> find(String path) {
    return Optional.ofNullable(assets.get(path));
  }

  private static Asset load(String name, String contentType) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not packaged: " + name);
      }
      return new Asset(contentType, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
