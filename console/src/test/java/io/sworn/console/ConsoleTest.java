package io.sworn.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.console.ConsoleAction.Kind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.FlowSnapshot.DestinationFlow;
import io.sworn.event.SwornException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleTest {

  @TempDir Path directory;
  private RunningConsole console;
  private Browser browser;

  @BeforeEach
  void start() throws Exception {
    console = new RunningConsole(directory);
    browser = new Browser(console);
  }

  @AfterEach
  void stop() {
    console.close();
  }

  @Test
  void administratorSignsInSeesNumbersAndSignsOut() throws Exception {
    console.flow = RunningConsole.flow(1234, 40, 38);

    HttpResponse<String> entered = browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    HttpResponse<String> page = browser.get("/");
    HttpResponse<String> left = browser.post("/sign-out", Map.of("form", Browser.formToken(page)));

    assertThat(entered.statusCode()).isEqualTo(303);
    assertThat(entered.headers().allValues("set-cookie"))
        .anySatisfy(
            c ->
                assertThat(c)
                    .startsWith("__Host-sworn-session=")
                    .contains("Secure", "HttpOnly", "SameSite=Strict"));
    assertThat(page.body())
        .contains("id=\"emitted\">1,234<", "2 events on the way to splunk.", "some events");
    assertThat(left.statusCode()).isEqualTo(303);
    assertThat(browser.get("/").statusCode()).isEqualTo(303);
    assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN, Kind.SIGNED_OUT);
    assertThat(console.actions.get(0).session()).isEqualTo(console.actions.get(1).session());
  }

  @Test
  void alertsAndRulesAreShownWithoutTheMarkupThatAnAttackerPutIntoThem() throws Exception {
    String hostile = "<img src=x onerror=alert(1)>\"'";
    console.addAlert("guessing@3", "Many failed logins", "high", hostile, 1_234);
    console.addRule("guessing", hostile, "high", false);
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    String page = browser.get("/alerts").body();
    assertThat(page)
        .contains("guessing@3", "Many failed logins", ">1,234<", "data-severity=\"high\"", ">off<")
        .contains("too many of a batch job", "&lt;img src=x onerror=alert(1)&gt;")
        .doesNotContain("<img src=x");
  }

  @Test
  void wrongPasswordIsRefusedAuditedAndNeverEchoed() throws Exception {
    HttpResponse<String> answer = browser.signIn(RunningConsole.USER, "wrong-secret");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("User or password is wrong.").doesNotContain("wrong-secret");
    assertThat(browser.get("/").statusCode()).isEqualTo(303);
    assertThat(console.kinds()).containsExactly(Kind.SIGN_IN_REFUSED);
    assertThat(console.actions.toString()).doesNotContain("wrong-secret");
  }

  @Test
  void guessingIsSlowedDownEvenForTheRightPassword() throws Exception {
    for (int i = 0; i < SignInGuard.REFUSED_MAX; i++) {
      assertThat(browser.signIn(RunningConsole.USER, "guess" + i).statusCode()).isEqualTo(401);
    }
    HttpResponse<String> throttled = browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.headers().firstValue("retry-after")).isPresent();
    assertThat(console.kinds()).endsWith(Kind.SIGN_IN_THROTTLED);

    console.clock.advance(SignInGuard.WINDOW);
    assertThat(browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD).statusCode())
        .isEqualTo(303);
  }

  @Test
  void formWithoutItsTokenDoesNothing() throws Exception {
    HttpResponse<String> entering =
        browser.post(
            "/sign-in", Map.of("user", RunningConsole.USER, "password", RunningConsole.PASSWORD));
    assertThat(entering.statusCode()).isEqualTo(403);

    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    assertThat(browser.post("/sign-out", Map.of("form", "forged")).statusCode()).isEqualTo(403);
    assertThat(browser.get("/").statusCode()).isEqualTo(200);
    assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/alerts",
        "/reports",
        "/reports/r1",
        "/reports/r1/content",
        "/nothing",
        "/sign-in/"
      })
  void nothingOpensWithoutASession(String path) throws Exception {
    console.addReport(directory, "r1", "<p>secret evidence</p>");
    HttpResponse<String> answer = browser.get(path);
    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("location").orElse("")).endsWith("/sign-in");
    assertThat(answer.body()).doesNotContain("secret evidence");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/flow", "/api/flow"})
  void refreshWithoutASessionIsUnauthorised(String path) throws Exception {
    assertThat(browser.get(path).statusCode()).isEqualTo(401);
  }

  @Test
  void refreshDoesNotKeepAnIdleSessionAlive() throws Exception {
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    console.clock.advance(ConsoleConfig.SESSION_IDLE_MAX.minusSeconds(1));
    assertThat(browser.get("/flow").statusCode()).isEqualTo(200);
    console.clock.advance(Duration.ofSeconds(1));
    assertThat(browser.get("/flow").statusCode()).isEqualTo(401);
    assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN, Kind.SESSION_EXPIRED);
  }

  @Test
  void noSessionOutlivesItsLongestAge() throws Exception {
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    for (int i = 1; i < 48; i++) {
      console.clock.advance(Duration.ofMinutes(10));
      assertThat(browser.get("/").statusCode()).isEqualTo(200);
    }
    console.clock.advance(Duration.ofMinutes(10));
    assertThat(browser.get("/").statusCode()).isEqualTo(303);
  }

  @Test
  void reportIsShownInAFrameThatCanDoNothing() throws Exception {
    console.addReport(directory, "pci-2026-10", "<p>evidence</p>");
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);

    assertThat(browser.get("/reports").body()).contains("pci-2026-10", "8 pass", "1 fail");
    assertThat(browser.get("/reports/pci-2026-10").body())
        .contains("sandbox src=\"/reports/pci-2026-10/content\"");
    HttpResponse<String> content = browser.get("/reports/pci-2026-10/content");

    assertThat(content.body()).isEqualTo("<p>evidence</p>");
    assertThat(content.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "sandbox", "frame-ancestors 'self'")
        .doesNotContain("script-src");
    assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN, Kind.REPORT_VIEWED);
    assertThat(console.actions.get(1).report()).isEqualTo("pci-2026-10");
  }

  @Test
  void theBundleIsTakenAlongAsAFileAndThatIsAudited() throws Exception {
    console.addReport(directory, "pci-2026-10", "<p>evidence</p>");
    assertThat(browser.get("/reports/pci-2026-10/bundle").body()).doesNotContain("evidence");
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);

    assertThat(browser.get("/reports/pci-2026-10").body())
        .contains("href=\"/reports/pci-2026-10/bundle\"");
    HttpResponse<String> bundle = browser.get("/reports/pci-2026-10/bundle");
    assertThat(bundle.headers().firstValue("content-type")).contains("application/zip");
    assertThat(bundle.headers().firstValue("content-disposition"))
        .contains("attachment; filename=\"pci-2026-10.zip\"");
    assertThat(bundle.body()).isEqualTo("<p>evidence</p>");
    assertThat(browser.get("/reports/unknown/bundle").statusCode()).isEqualTo(404);
    assertThat(console.kinds()).containsExactly(Kind.SIGNED_IN, Kind.BUNDLE_TAKEN);
    assertThat(console.actions.get(1).report()).isEqualTo("pci-2026-10");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e",
        "..",
        "a..b",
        "r1%00",
        "r1%2f..%2fr1",
        "unknown",
        "%5c"
      })
  void pathInAReportIdLeadsNowhere(String id) throws Exception {
    console.addReport(directory, "r1", "<p>evidence</p>");
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    HttpResponse<String> answer = browser.get("/reports/" + id + "/content");
    assertThat(answer.statusCode()).isIn(303, 400, 404);
    assertThat(answer.body()).doesNotContain("evidence", "root:", "\tat ");
    assertThat(console.kinds()).doesNotContain(Kind.REPORT_VIEWED);
  }

  @Test
  void hostileNamesAreShownAsText() throws Exception {
    String hostile = "<script>alert('x')</script>\"'&";
    TreeMap<String, DestinationFlow> destinations = new TreeMap<>();
    destinations.put(hostile, new DestinationFlow("<img src=x>", 3, 1, 1, 1));
    console.flow = new FlowSnapshot(3, 3, 3, 0, 0, 0, destinations, 0);
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);

    for (String path : new String[] {"/", "/flow"}) {
      assertThat(browser.get(path).body())
          .contains("&lt;script&gt;alert(")
          .doesNotContain("<script>alert", "<img src=x>");
    }
  }

  @Test
  void everyAnswerCarriesTheSecurityHeaders() throws Exception {
    for (String path : new String[] {"/sign-in", "/", "/assets/console.css", "/flow"}) {
      var headers = browser.get(path).headers();
      assertThat(headers.firstValue("content-security-policy").orElse(""))
          .as(path)
          .contains("default-src 'none'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(headers.firstValue("x-content-type-options")).contains("nosniff");
      assertThat(headers.firstValue("strict-transport-security")).isPresent();
      assertThat(headers.firstValue("server")).isEmpty();
    }
  }

  @Test
  void failureShowsAPageWithoutItsCause() throws Exception {
    browser.signIn(RunningConsole.USER, RunningConsole.PASSWORD);
    console.addReport(directory, "r1", "<p>evidence</p>");
    Files.delete(directory.resolve("r1.html"));

    HttpResponse<String> answer = browser.get("/reports/r1/content");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .contains("Something went wrong")
        .doesNotContain("Exception", directory.toString(), "\tat ");
  }

  @Test
  void oversizedFormIsRefused() throws Exception {
    String token = Browser.formToken(browser.get("/sign-in"));
    HttpResponse<String> answer =
        browser.post(
            "/sign-in", Map.of("form", token, "user", "x".repeat(100_000), "password", "p"));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).doesNotContain("\tat ");
  }

  @Test
  void missingCertificateIsNamed() {
    ConsoleConfig config =
        new ConsoleConfig(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            directory.resolve("absent.pem"),
            console.certificates.serverKey());
    assertThatThrownBy(() -> Console.start(config, console))
        .isInstanceOf(SwornException.class)
        .hasMessageContaining("absent.pem");
  }
}
