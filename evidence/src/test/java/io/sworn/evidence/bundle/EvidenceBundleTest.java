package io.sworn.evidence.bundle;

import static io.sworn.evidence.bundle.BundleVerdict.Outcome.SOUND;
import static io.sworn.evidence.bundle.BundleVerdict.Outcome.TAMPERED;
import static io.sworn.evidence.bundle.BundleVerdict.Outcome.UNUSABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sworn.event.EventId;
import io.sworn.event.SwornJson;
import io.sworn.evidence.Hash;
import io.sworn.evidence.SignedNote;
import io.sworn.evidence.SigningKey;
import io.sworn.evidence.VerifierKey;
import io.sworn.evidence.archive.Archive;
import io.sworn.evidence.archive.ArchiveReader;
import io.sworn.evidence.archive.Samples;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceBundleTest {

  private static final String EVENTS = "evidence/events.ndjson";
  private static final VerifierKey PINNED = Samples.KEY.verifier(Samples.ORIGIN);

  @TempDir Path dir;
  private Path zip;

  @BeforeEach
  void write() {
    zip = dir.resolve("b.zip");
    try (Archive archive = Archive.open(dir.resolve("a"), Samples.KEY, Samples.ORIGIN)) {
      for (int i = 0; i < 5; i++) {
        archive.append(Samples.records("db/1", i * 10 + 1, i * 10 + 10), Map.of());
        archive.checkpoint();
      }
      writeBundle(archive, zip);
    }
  }

  private static void writeBundle(Archive archive, Path target) {
    String id = EventId.of("db/1", 13).toString();
    try (ArchiveReader reader = archive.reader()) {
      EvidenceBundle.over(reader, archive.checkpoint(), Samples.KEY)
          .events(10, 20)
          .events(List.of(3L, 44L))
          .file(
              "report.json",
              ("{\"rows\":[{\"eventId\":\"" + id + "\"}]}").getBytes(StandardCharsets.UTF_8))
          .custody(new CustodyRecord("rendered", Instant.EPOCH, "sworn", "test"))
          .custody(new CustodyRecord("exported", Instant.EPOCH, "sworn", "test"))
          .write(target);
    }
  }

  private BundleVerdict verify() {
    return BundleVerifier.verify(zip, Optional.of(PINNED));
  }

  private Map<String, byte[]> unpack() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipFile in = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        files.put(entry.getName(), in.getInputStream(entry).readAllBytes());
      }
    }
    return files;
  }

  private void pack(Map<String, byte[]> files) throws IOException {
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (Map.Entry<String, byte[]> entry : files.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
  }

  /** What an attacker without the key can do: make the manifest fit the changed files. */
  private static void rehash(Map<String, byte[]> files) {
    Manifest old = SwornJson.read(files.get(Manifest.PATH), Manifest.class);
    List<Manifest.Item> items = new ArrayList<>();
    for (Manifest.Item item : old.files()) {
      byte[] bytes = files.get(item.path());
      items.add(
          new Manifest.Item(
              item.path(), bytes.length, Hash.of(bytes).toString(), item.mediaType()));
    }
    files.put(
        Manifest.PATH,
        SwornJson.write(
            new Manifest(
                old.format(), old.version(), old.origin(), old.treeSize(), old.events(), items)));
  }

  /** What the holder of the key can do: sign any manifest. */
  private static void sign(Map<String, byte[]> files) {
    files.put(
        Manifest.SIGNATURE,
        SignedNote.sign(
                Manifest.signedText(Hash.of(files.get(Manifest.PATH)).toString()),
                Samples.KEY,
                Samples.ORIGIN)
            .toString()
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anUntouchedBundleIsSoundAndSaysWhoseKeyItBelieved() {
    assertThat(verify().outcome()).as(verify().text()).isEqualTo(SOUND);
    assertThat(verify().text()).startsWith("12 events proved").contains(PINNED.id());
    assertThat(verify().exitCode()).isZero();
    BundleVerdict unpinned = BundleVerifier.verify(zip, Optional.empty());
    assertThat(unpinned.outcome()).isEqualTo(SOUND);
    assertThat(unpinned.text()).contains("came with the bundle");
  }

  @Test
  void equalInputGivesEqualBytesInAnyTimeZone() throws IOException {
    byte[] first = Files.readAllBytes(zip);
    TimeZone zone = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
    try (Archive archive = Archive.open(dir.resolve("a"), Samples.KEY, Samples.ORIGIN)) {
      writeBundle(archive, dir.resolve("c.zip"));
    } finally {
      TimeZone.setDefault(zone);
    }
    assertThat(dir.resolve("c.zip")).hasBinaryContent(first);
  }

  @Test
  void whatNoProgramOfOursWroteIsUnusableAndNoCrash() throws IOException {
    Map<String, byte[]> files = unpack();
    for (String manifest :
        List.of(
            "null",
            "7",
            "{}",
            "{\"format\":\"sworn-evidence-bundle\",\"version\":1,\"origin\":\"a\",\"files\":[null]}",
            "{\"format\":\"sworn-evidence-bundle\",\"version\":1,\"origin\":\"a\",\"files\":[{}]}")) {
      files.put(Manifest.PATH, manifest.getBytes(StandardCharsets.UTF_8));
      pack(files);
      assertThat(verify().outcome()).as(manifest).isEqualTo(TAMPERED);
      assertThat(verify().text()).startsWith("MANIFEST.json: was changed");
      sign(files);
      pack(files);
      assertThat(verify().outcome()).as(manifest).isEqualTo(UNUSABLE);
    }
    files.put("a/".repeat(20_000) + "a", new byte[0]);
    pack(files);
    assertThat(verify().outcome()).isEqualTo(UNUSABLE);
    assertThat(verify().text()).hasSizeLessThan(400);
  }

  @Test
  void aConsistencyLineWithoutItsMembersIsNamed() throws IOException {
    Map<String, byte[]> files = unpack();
    for (String line : List.of("null\n", "{}\n", "{\"checkpoint\":\"x\",\"proof\":[null]}\n")) {
      files.put(Manifest.CONSISTENCY, line.getBytes(StandardCharsets.UTF_8));
      rehash(files);
      // The holder of the key signs whatever it wants to; that must not end the verifier either.
      sign(files);
      pack(files);
      assertThat(verify().outcome()).as(line).isEqualTo(TAMPERED);
      assertThat(verify().text()).contains("consistency.ndjson line 1");
    }
  }

  @Test
  void oneChangedByteOfOneEventIsNamedWithIndexAndId() throws IOException {
    Map<String, byte[]> files = unpack();
    String text = new String(files.get(EVENTS), StandardCharsets.UTF_8);
    String line = text.lines().filter(l -> l.contains("\"index\":12,")).findFirst().orElseThrow();
    String encoded = line.replaceAll(".*\"bytes\":\"([^\"]*)\".*", "$1");
    byte[] bytes = Base64.getDecoder().decode(encoded);
    bytes[bytes.length - 9] ^= 1;
    String changed = text.replace(encoded, Base64.getEncoder().encodeToString(bytes));
    String name = "event 12 (" + EventId.of("db/1", 13) + ")";
    files.put(EVENTS, changed.getBytes(StandardCharsets.UTF_8));
    pack(files);
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
    assertThat(verify().text()).startsWith(name);
    assertThat(verify().exitCode()).isEqualTo(1);
    rehash(files);
    pack(files);
    assertThat(verify().text()).startsWith(name);
  }

  @Test
  void anyChangedCharacterOfTheEventsIsNamed() throws IOException {
    byte[] good = unpack().get(EVENTS);
    Map<String, byte[]> files = unpack();
    for (int at = 0; at < good.length; at += 23) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      files.put(EVENTS, bad);
      pack(files);
      assertThat(verify().outcome()).as("byte %d: %s", at, verify().text()).isEqualTo(TAMPERED);
      assertThat(verify().text()).containsPattern("event \\d+ \\([0-9a-f]{32}\\)");
    }
  }

  @Test
  void readableTextThatSaysSomethingElseIsNamed() throws IOException {
    Map<String, byte[]> files = unpack();
    String text = new String(files.get(EVENTS), StandardCharsets.UTF_8);
    files.put(EVENTS, text.replaceFirst("\"ann\"", "\"bob\"").getBytes(StandardCharsets.UTF_8));
    rehash(files);
    pack(files);
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
    assertThat(verify().text()).startsWith("event 3 (").contains("readable text");
  }

  /** Whatever file there is: a changed one is named first, and in its lines the line. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChangedByteIsBlamedOnItsFile(boolean pinned) throws IOException {
    Map<String, byte[]> original = unpack();
    Optional<VerifierKey> key = pinned ? Optional.of(PINNED) : Optional.empty();
    for (Map.Entry<String, byte[]> file : original.entrySet()) {
      String name = file.getKey();
      int length = file.getValue().length;
      for (int at : new int[] {0, 1, length / 3, length / 2, length - 2, length - 1}) {
        Map<String, byte[]> files = new LinkedHashMap<>(original);
        byte[] bad = file.getValue().clone();
        bad[at] ^= 4;
        files.put(name, bad);
        pack(files);
        BundleVerdict verdict = BundleVerifier.verify(zip, key);
        String what = name + " byte " + at + ": " + verdict;
        assertThat(verdict.outcome()).as(what).isEqualTo(TAMPERED);
        String blamed = name.equals(EVENTS) ? "event \\d+ \\([0-9a-f]{32}\\)" : Pattern.quote(name);
        assertThat(verdict.text()).as(what).matches(blamed + "(( line \\d+)?: | of trail ).*");
        assertThat(verdict.findings()).as(what).hasSize(1);
      }
    }
  }

  @Test
  void aChangedFileWhoseManifestWasMadeToFitIsBlamedOnTheManifest() throws IOException {
    Map<String, byte[]> original = unpack();
    for (String name : List.of(Manifest.README, "report.json", Manifest.PEM)) {
      Map<String, byte[]> files = new LinkedHashMap<>(original);
      byte[] bad = original.get(name).clone();
      bad[bad.length - 3] ^= 1;
      files.put(name, bad);
      rehash(files);
      pack(files);
      assertThat(verify().text()).as(name).startsWith("MANIFEST.json: was changed");
    }
  }

  @Test
  void everyChangedFileIsTold() throws IOException {
    Map<String, byte[]> files = unpack();
    byte[] readme = files.get(Manifest.README);
    files.put(Manifest.README, files.get("report.json"));
    files.put("report.json", readme);
    files.put("unlisted.txt", new byte[1]);
    files.remove(Manifest.PEM);
    pack(files);
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
    assertThat(verify().findings())
        .containsExactlyInAnyOrder(
            "README.txt: is not the file that the signed manifest names",
            "report.json line 1: damaged, it is no JSON",
            "keys/log.pem: is missing",
            "unlisted.txt: was added; it is not in the signed manifest");
  }

  @Test
  void aCustodyLineThatWasTakenOutIsFoundEvenUnderASignedManifest() throws IOException {
    Map<String, byte[]> files = unpack();
    String custody = new String(files.get(Manifest.CUSTODY), StandardCharsets.UTF_8);
    files.put(
        Manifest.CUSTODY,
        custody.substring(custody.indexOf('\n') + 1).getBytes(StandardCharsets.UTF_8));
    rehash(files);
    sign(files);
    pack(files);
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
    assertThat(verify().text()).startsWith("custody.ndjson line 1: ");
  }

  @Test
  void theSameFileTwiceIsTampering() throws IOException {
    Map<String, byte[]> files = unpack();
    files.put("README.txT", new byte[1]);
    pack(files);
    byte[] bytes = Files.readAllBytes(zip);
    String raw = new String(bytes, StandardCharsets.ISO_8859_1).replace("README.txT", "README.txt");
    Files.write(zip, raw.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
    assertThat(verify().text()).isEqualTo("README.txt: is in the bundle twice");
  }

  @Test
  void aForgedFileInFrontOfTheZipIsFound() throws IOException {
    byte[] good = Files.readAllBytes(zip);
    pack(Map.of("report.json", "{\"rows\":[]}".getBytes(StandardCharsets.UTF_8)));
    byte[] forged = Files.readAllBytes(zip);
    int local = new String(forged, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    byte[] both = Arrays.copyOf(forged, local + good.length);
    System.arraycopy(good, 0, both, local, good.length);
    Files.write(zip, both);
    assertThat(verify().outcome()).as(verify().text()).isEqualTo(TAMPERED);
    assertThat(verify().text()).startsWith("report.json: ");
    byte[] padded = new byte[good.length + 3];
    System.arraycopy(good, 0, padded, 3, good.length);
    Files.write(zip, padded);
    assertThat(verify().outcome()).as(verify().text()).isEqualTo(TAMPERED);
  }

  @Test
  void aCommentThatIsNoTextIsUnusableAndNoCrash() throws IOException {
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(file)) {
      ZipEntry entry = new ZipEntry("README.txt");
      entry.setComment("comment");
      out.putNextEntry(entry);
      out.closeEntry();
    }
    String raw = new String(Files.readAllBytes(zip), StandardCharsets.ISO_8859_1);
    Files.write(zip, raw.replace("comment", "c\u00ffmment").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(verify().exitCode()).as(verify().text()).isIn(1, 2);
  }

  /** As a careless copy or a curious editor does it: one byte of the zip, packed as it is. */
  @Test
  void aChangedByteOfThePackedContentIsTampering() throws IOException {
    byte[] good = Files.readAllBytes(zip);
    int directory = new String(good, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    int named = 0;
    int tried = 0;
    for (int at = 0; at < directory; at += 61) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(zip, bad);
      BundleVerdict verdict = verify();
      // SOUND where it hit what nobody reads: the time or the version in front of a file.
      tried++;
      named += verdict.outcome() == TAMPERED ? 1 : 0;
      assertThat(verdict.outcome()).as("byte %d: %s", at, verdict).isNotEqualTo(UNUSABLE);
    }
    assertThat(named).isGreaterThan(tried * 9 / 10);
  }

  @Test
  void anotherKeyThanThePinnedOneIsTampering() {
    VerifierKey other =
        SigningKey.fromSeed(Hash.of(new byte[1]).toBytes()).verifier(Samples.ORIGIN);
    BundleVerdict verdict = BundleVerifier.verify(zip, Optional.of(other));
    assertThat(verdict.outcome()).isEqualTo(TAMPERED);
    assertThat(verdict.text()).contains("not signed by");
  }

  @Test
  void aReportRowWithoutItsEventIsFound() throws IOException {
    try (Archive archive = Archive.open(dir.resolve("a"), Samples.KEY, Samples.ORIGIN);
        ArchiveReader reader = archive.reader()) {
      String missing = EventId.of("db/1", 40).toString();
      EvidenceBundle.over(reader, archive.checkpoint(), Samples.KEY)
          .events(0, 3)
          .file(
              "report.json",
              ("{\"eventIds\":[\"" + missing + "\"]}").getBytes(StandardCharsets.UTF_8))
          .write(zip);
      assertThat(verify().outcome()).isEqualTo(TAMPERED);
      assertThat(verify().text()).contains("report.json line 1").contains(missing);
    }
  }

  @Test
  void whatIsNoBundleIsUnusable() throws IOException {
    Map<String, byte[]> original = unpack();
    Files.writeString(zip, "not a zip");
    assertThat(verify().outcome()).isEqualTo(UNUSABLE);
    assertThat(verify().exitCode()).isEqualTo(2);
    assertThat(BundleVerifier.verify(dir.resolve("none.zip"), Optional.empty()).text())
        .contains("no such file");
    for (String name : List.of("../evil", "/abs", "a\\b", "x/../y")) {
      Map<String, byte[]> files = new LinkedHashMap<>(original);
      files.put(name, new byte[1]);
      pack(files);
      assertThat(verify().outcome()).as(name).isEqualTo(UNUSABLE);
    }
    pack(Map.of("letter.txt", new byte[3]));
    assertThat(verify().outcome()).isEqualTo(UNUSABLE);
    assertThat(verify().text()).contains("no evidence bundle");
    for (String name : original.keySet()) {
      Map<String, byte[]> files = new LinkedHashMap<>(original);
      files.remove(name);
      pack(files);
      assertThat(verify().outcome()).as(name).isEqualTo(TAMPERED);
      assertThat(verify().findings()).containsExactly(name + ": is missing");
    }
    Map<String, byte[]> newer = new LinkedHashMap<>(original);
    String json = new String(original.get(Manifest.PATH), StandardCharsets.UTF_8);
    newer.put(
        Manifest.PATH,
        json.replace("\"version\":1", "\"version\":2").getBytes(StandardCharsets.UTF_8));
    sign(newer);
    pack(newer);
    assertThat(verify().outcome()).isEqualTo(UNUSABLE);
    assertThat(verify().text()).contains("version 2");
    Map<String, byte[]> bomb = new LinkedHashMap<>(original);
    bomb.put("bomb", new byte[64 << 20]);
    pack(bomb);
    assertThat(verify().text()).contains("unpacks to too much");
  }

  @Test
  void opensslAcceptsTheCheckpointAsTheReadmeSays() throws Exception {
    Map<String, byte[]> files = unpack();
    Path out = Files.createDirectories(dir.resolve("x"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = out.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.write(target, file.getValue());
    }
    String script =
        """
        set -e
        sed '/^$/,$d' integrity/checkpoint.txt > text
        tail -n 1 integrity/checkpoint.txt | awk '{print $3}' | base64 -d | tail -c 64 > sig
        openssl pkeyutl -verify -pubin -inkey keys/log.pem -rawin -in text -sigfile sig
        sha256sum MANIFEST.json | cut -c1-64
        sed -n 2p MANIFEST.sig
        (printf '\\000'; sed -n 1p evidence/events.ndjson | sed 's/.*"bytes":"\\([^"]*\\)".*/\\1/' | base64 -d) | sha256sum
        """;
    Process shell =
        new ProcessBuilder("bash", "-c", script)
            .directory(out.toFile())
            .redirectErrorStream(true)
            .start();
    List<String> lines =
        new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(shell.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(lines.get(0)).contains("Verified Successfully");
    assertThat(lines.get(1)).isEqualTo(lines.get(2));
    assertThat(lines.get(3)).startsWith(Hash.leaf(Samples.event("db/1", 4, "ann")).toString());
  }
}
