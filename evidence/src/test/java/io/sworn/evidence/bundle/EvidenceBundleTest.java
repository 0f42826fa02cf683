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
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
      files.put(
          Manifest.SIGNATURE,
          SignedNote.sign(
                  Manifest.signedText(Hash.of(files.get(Manifest.PATH)).toString()),
                  Samples.KEY,
                  Samples.ORIGIN)
              .toString()
              .getBytes(StandardCharsets.UTF_8));
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

  @Test
  void everyOtherFileIsUnderTheSignedManifest() throws IOException {
    Map<String, byte[]> original = unpack();
    for (String name : original.keySet()) {
      Map<String, byte[]> files = new LinkedHashMap<>(original);
      byte[] bad = original.get(name).clone();
      bad[bad.length / 2] ^= 1;
      files.put(name, bad);
      pack(files);
      assertThat(verify().outcome()).as(name + ": " + verify().text()).isNotEqualTo(SOUND);
      if (!name.equals(Manifest.PATH)) {
        rehash(files);
        pack(files);
        assertThat(verify().outcome()).as(name + ": " + verify().text()).isNotEqualTo(SOUND);
      }
    }
    Map<String, byte[]> swapped = new LinkedHashMap<>(original);
    swapped.put(Manifest.README, original.get("report.json"));
    swapped.put("report.json", original.get(Manifest.README));
    pack(swapped);
    assertThat(verify().outcome()).isEqualTo(TAMPERED);
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
    for (String name : List.of(EVENTS, Manifest.PATH, Manifest.SIGNATURE, Manifest.CHECKPOINT)) {
      Map<String, byte[]> files = new LinkedHashMap<>(original);
      files.remove(name);
      pack(files);
      assertThat(verify().outcome()).as(name).isEqualTo(UNUSABLE);
    }
    Map<String, byte[]> extra = new LinkedHashMap<>(original);
    extra.put("unlisted.txt", new byte[1]);
    pack(extra);
    assertThat(verify().text()).contains("not in the manifest");
    Map<String, byte[]> newer = new LinkedHashMap<>(original);
    String json = new String(original.get(Manifest.PATH), StandardCharsets.UTF_8);
    newer.put(
        Manifest.PATH,
        json.replace("\"version\":1", "\"version\":2").getBytes(StandardCharsets.UTF_8));
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
