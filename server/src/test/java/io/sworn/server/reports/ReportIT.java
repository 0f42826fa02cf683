package io.sworn.server.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoSecurityException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Indexes;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventKind;
import io.sworn.event.FlowSnapshot;
import io.sworn.event.SwornException;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.report.Period;
import io.sworn.report.ReportResult;
import io.sworn.report.Verdict;
import io.sworn.server.cli.Main;
import io.sworn.server.config.SwornConfig;
import io.sworn.server.testing.RunningSworn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports of a whole instance against which real clients, honest and hostile, have worked. */
class ReportIT {

  private static final String FRAMEWORK = "pci-dss-4.0.1";
  private static final String EVENTS = "evidence/events.ndjson";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;

  private static RunningSworn running;
  private static ReportResult report;

  @BeforeAll
  static void clientsWorkAndAReportRuns() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    running =
        new RunningSworn(
            directory.resolve("data"), List.of(new SwornConfig.Report(FRAMEWORK, "0 0 6 * * ?")));
    try (MongoClient admin = running.client()) {
      admin.getDatabase("admin").runCommand(user("nurse", "readWrite"));
      admin.getDatabase("mydb").getCollection("rooms").createIndex(Indexes.ascending("number"));
      admin.getDatabase("mydb").getCollection("rooms").drop();
    }
    try (MongoClient nurse = running.client("nurse", "secret")) {
      MongoDatabase mydb = nurse.getDatabase("mydb");
      mydb.getCollection("patients").insertOne(new Document("name", "p"));
      assertThat(mydb.getCollection("patients").find().first()).isNotNull();
      assertThatThrownBy(() -> nurse.getDatabase("payroll").getCollection("pay").find().first())
          .isInstanceOf(MongoCommandException.class);
    }
    try (MongoClient stranger = running.client("nurse", "guess")) {
      assertThatThrownBy(
              () -> stranger.getDatabase("mydb").getCollection("patients").find().first())
          .isInstanceOf(MongoSecurityException.class);
    }
    report = running.sworn().runReport(FRAMEWORK, new Period(begin, Instant.now()));
  }

  @AfterAll
  static void stop() {
    if (running != null) {
      running.close();
    }
  }

  private static Document user(String name, String role) {
    return new Document("createUser", name)
        .append("pwd", "secret")
        .append("roles", List.of(new Document("role", role).append("db", "mydb")));
  }

  @Test
  void theFirstPageSaysThatOneCanRelyOnTheReport() throws IOException {
    JsonNode reliability = JSON.readTree(report.json().toFile()).path("reliability");
    assertThat(reliability.path("problems")).as(reliability.toString()).isEmpty();
    assertThat(reliability.path("flow").path("emitted").asLong())
        .isPositive()
        .isEqualTo(reliability.path("flow").path("archived").asLong());
    assertThat(reliability.path("integrity").path("sound").asBoolean()).isTrue();
    assertThat(Files.readString(report.html()))
        .containsSubsequence("Can you rely on this report?", "speaks against it", "Verdicts");
  }

  @Test
  void atLeastTenControlsAreDecidedByWhatTheClientsDid() throws IOException {
    Set<Verdict> decisive = EnumSet.of(Verdict.PASS, Verdict.FAIL);
    List<String> decided = new ArrayList<>();
    for (JsonNode finding : JSON.readTree(report.json().toFile()).path("findings")) {
      if (decisive.contains(Verdict.valueOf(finding.path("verdict").asText()))) {
        decided.add(finding.path("control").path("id").asText());
      }
    }
    assertThat(decided)
        .hasSizeGreaterThanOrEqualTo(10)
        .contains(
            "7.3.3",
            "8.3.2",
            "10.2.1.1",
            "10.2.1.2",
            "10.2.1.4",
            "10.2.1.5",
            "10.2.1.7",
            "10.2.2",
            "10.3.4",
            "10.4.1.1",
            "10.7.2");
  }

  @Test
  void everyRowOfTheReportStandsOnAnEventInTheBundleWithItsProof() throws IOException {
    Map<String, byte[]> files = unzip(report.bundle());
    Set<String> proved = new HashSet<>();
    lines(files, "integrity/proofs.ndjson")
        .forEach(
            line -> {
              assertThat(line.path("path").isArray()).isTrue();
              proved.add(line.path("id").asText());
            });
    Set<String> held = new HashSet<>();
    lines(files, EVENTS).forEach(line -> held.add(line.path("id").asText()));
    assertThat(held).isNotEmpty().isEqualTo(proved);
    int rows = 0;
    for (JsonNode finding : JSON.readTree(files.get("report.json")).path("findings")) {
      for (JsonNode row : finding.path("evidence").path("rows")) {
        assertThat(held).contains(row.path("eventId").asText());
        rows++;
      }
    }
    assertThat(rows).isGreaterThan(10);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      if (file.getKey().endsWith(".csv")) {
        new String(file.getValue(), StandardCharsets.UTF_8)
            .lines()
            .skip(1)
            .forEach(line -> assertThat(held).contains(line.split(",", -1)[1].replace("\"", "")));
      }
    }
  }

  @Test
  void verifyAcceptsTheBundleAndNamesTheEventOfWhichOneByteWasChanged() throws IOException {
    Ran sound = run("verify", report.bundle().toString());
    assertThat(sound.code).as(sound.out + sound.err).isZero();
    assertThat(sound.out).startsWith("SOUND: ");

    Map<String, byte[]> files = unzip(report.bundle());
    List<JsonNode> events = lines(files, EVENTS);
    JsonNode victim = events.get(events.size() / 2);
    byte[] bytes = Base64.getDecoder().decode(victim.path("bytes").asText());
    AuditEvent event = AuditEventCodec.decode(bytes);
    byte[] changed = forge(bytes);
    String text = new String(files.get(EVENTS), StandardCharsets.UTF_8);
    files.put(
        EVENTS, text.replace(base64(bytes), base64(changed)).getBytes(StandardCharsets.UTF_8));
    Path forged = directory.resolve("forged.zip");
    zip(files, forged);

    Ran tampered = run("verify", forged.toString());
    assertThat(tampered.code).as(tampered.out + tampered.err).isEqualTo(1);
    assertThat(tampered.out)
        .startsWith(
            "TAMPERED: event "
                + victim.path("index").asLong()
                + " ("
                + event.id()
                + ") of trail "
                + event.trail()
                + ", sequence "
                + event.sequence()
                + ": ");
  }

  @Test
  void whatIsDoneToSwornIsInTheArchiveAndDecidesTheNextReport() throws Exception {
    Instant begin = Instant.now().minusSeconds(1);
    String data = directory.resolve("data").toString();
    Ran letters = run("dead-letters", "list", "--data", data);
    assertThat(letters.code).as(letters.err).isZero();
    running.sworn().runReport(FRAMEWORK, new Period(begin, Instant.now()));
    ReportResult next = running.sworn().runReport(FRAMEWORK, new Period(begin, Instant.now()));
    JsonNode model = JSON.readTree(next.json().toFile());
    assertThat(model.path("reliability").path("problems")).isEmpty();
    JsonNode types = model.path("reliability").path("coverage").path("types");
    assertThat(types.path("deadLettersList").asLong()).isEqualTo(1);
    assertThat(types.path("reportRun").asLong()).isPositive();
    for (JsonNode finding : model.path("findings")) {
      if (finding.path("control").path("id").asText().equals("10.2.1.3")) {
        assertThat(finding.path("verdict").asText()).isEqualTo("PASS");
      }
    }
    List<AuditEvent> own = own();
    assertThat(own).extracting(AuditEvent::type).contains("filterPut", "reportRun");
    assertThat(own.get(own.size() - 1).sequence()).isEqualTo(own.size());
    FlowSnapshot flow = running.sworn().awaitSettled(Duration.ofSeconds(30));
    assertThat(flow.settled()).isTrue();
    assertThat(flow.emitted())
        .isEqualTo(running.sworn().database().journal().lastSequence() + own.size());
  }

  /** Events of Sworn's own trail, in order. */
  private static List<AuditEvent> own() {
    List<AuditEvent> own = new ArrayList<>();
    try (ArchiveReader archive = running.sworn().archive().orElseThrow().reader()) {
      archive.iterate(0, archive.size()).forEach(archived -> own.add(archived.event()));
    }
    own.removeIf(event -> event.kind() != EventKind.SWORN);
    return own;
  }

  @Test
  void theConsoleListsTheReportAndShowsItToWhoSignedIn() throws Exception {
    URI console = running.sworn().consoleAddress().orElseThrow();
    HttpClient browser =
        HttpClient.newBuilder()
            .sslContext(running.tls())
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    String page = "reports/" + report.id() + "/content";
    assertThat(open(browser, console.resolve(page))).contains("sign-in").doesNotContain("PCI DSS");
    Matcher token =
        Pattern.compile("name=\"form\" value=\"([^\"]+)\"")
            .matcher(open(browser, console.resolve("sign-in")));
    assertThat(token.find()).isTrue();
    String form =
        "form="
            + encode(token.group(1))
            + "&user="
            + encode(running.administrator().user())
            + "&password="
            + encode(running.administrator().password());
    browser.send(
        HttpRequest.newBuilder(console.resolve("sign-in"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build(),
        HttpResponse.BodyHandlers.discarding());
    assertThat(open(browser, console.resolve("reports"))).contains(report.id(), "PCI DSS v4.0.1");
    assertThat(open(browser, console.resolve(page))).isEqualTo(Files.readString(report.html()));
    running.sworn().awaitSettled(Duration.ofSeconds(30));
    assertThat(own())
        .filteredOn(event -> event.type().equals("consoleReportViewed"))
        .singleElement()
        .satisfies(
            seen -> {
              assertThat(seen.users()).extracting("user").containsExactly("admin");
              assertThat(seen.param().toDocument().getString("report").getValue())
                  .isEqualTo(report.id());
            });
  }

  /** One bit of one byte, near the end, so that it still reads as an event of the same place. */
  private static byte[] forge(byte[] event) {
    for (int at = event.length - 1; at >= 0; at--) {
      byte[] changed = event.clone();
      changed[at] ^= 1;
      try {
        AuditEventCodec.decode(changed);
        return changed;
      } catch (SwornException e) {
        // That byte holds the structure together; the one before may not.
      }
    }
    throw new AssertionError("no byte can be changed");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String open(HttpClient browser, URI page) throws Exception {
    return browser
        .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static List<JsonNode> lines(Map<String, byte[]> files, String name) {
    return new String(files.get(name), StandardCharsets.UTF_8).lines().map(ReportIT::json).toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> unzip(Path zip) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : file.stream().map(e -> (ZipEntry) e).toList()) {
        files.put(entry.getName(), file.getInputStream(entry).readAllBytes());
      }
    }
    return files;
  }

  private static void zip(Map<String, byte[]> files, Path target) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue());
        out.closeEntry();
      }
    }
  }

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Ran(code, out.toString(), err.toString());
  }
}
