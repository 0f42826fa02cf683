package io.sworn.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sworn.console.ConsoleAction.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

class ConsoleInChromiumIT {

  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  @Test
  void administratorSignsInAndSeesTheNumbersChange() throws Exception {
    Optional<Path> chromium = DevTools.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path: install the package 'chromium'");
    Path profile = Files.createDirectories(directory.resolve("profile"));
    try (RunningConsole console = new RunningConsole(directory);
        DevTools browser = DevTools.start(chromium.get(), profile)) {
      console.flow = RunningConsole.flow(1_204, 418, 418);
      console.addReport(
          directory, "pci-2026-10", "<h1>PCI DSS</h1><script>parent.hacked=1</script>");
      browser.open(console.url("/"));
      browser.await("document.title", "Sign in - Sworn");
      browser.screenshot(SCREENSHOTS.resolve("sign-in.png"));

      browser.evaluate("document.getElementById('user').value='" + RunningConsole.USER + "'");
      browser.evaluate(
          "document.getElementById('password').value='" + RunningConsole.PASSWORD + "'");
      browser.evaluate("document.querySelector('.sign-in button').click()");
      browser.await("document.getElementById('emitted').textContent", "1,204");
      browser.screenshot(SCREENSHOTS.resolve("flow.png"));

      console.flow = RunningConsole.flow(1_263, 440, 421);
      browser.await("document.getElementById('emitted').textContent", "1,263");
      browser.await(
          "document.getElementById('spoken').textContent",
          "Nothing is missing; some events are on their way.");
      browser.dark(true);
      browser.screenshot(SCREENSHOTS.resolve("flow-dark.png"));
      browser.dark(false);

      console.addAlert("guessing@3", "Many failed logins from one address", "high", "ann", 25);
      console.addAlert(
          "success-after-failures@1",
          "Login after many failures",
          "critical",
          "<script>window.hacked=1</script>",
          6);
      console.addAlert("new-network@1", "Login from a new network", "medium", "dr.müller", 1);
      console.addRule("guessing", "Many failed logins from one address", "high", true);
      console.addRule("mass-read", "Many documents read at once", "medium", false);
      console.addRule("success-after-failures", "Login after many failures", "critical", true);
      browser.open(console.url("/alerts"));
      browser.await("document.title", "Alerts - Sworn");
      browser.await("document.querySelectorAll('.listed').length", "2");
      browser.screenshot(SCREENSHOTS.resolve("alerts.png"));
      browser.dark(true);
      browser.screenshot(SCREENSHOTS.resolve("alerts-dark.png"));
      browser.dark(false);
      assertThat(browser.evaluate("window.hacked")).isEqualTo("undefined");

      browser.open(console.url("/reports"));
      browser.await("document.title", "Reports - Sworn");
      browser.screenshot(SCREENSHOTS.resolve("reports.png"));
      browser.evaluate("document.querySelector('.reports a').click()");
      browser.await("document.title", "PCI DSS 4.0.1 - Sworn");
      browser.await("document.readyState", "complete");
      browser.screenshot(SCREENSHOTS.resolve("report.png"));

      assertThat(browser.evaluate("window.hacked")).isEqualTo("undefined");
      assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN, Kind.REPORT_VIEWED);
    }
  }
}
