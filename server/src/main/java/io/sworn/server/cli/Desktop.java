package io.sworn.server.cli;

import java.util.Locale;
import java.util.Optional;

/** The program that shows a file on the desktop, if there is a desktop. */
final class Desktop {

  private Desktop() {}

  static Optional<String> opener() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("mac")) {
      return Optional.of("open");
    }
    if (system.contains("windows")) {
      return Optional.of("explorer");
    }
    boolean screen = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
    return screen ? Optional.of("xdg-open") : Optional.empty();
  }
}
