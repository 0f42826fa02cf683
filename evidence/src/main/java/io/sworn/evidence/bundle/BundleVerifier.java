package io.sworn.evidence.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleProofs;
import io.sworn.evidence.SignedNote;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Checks a bundle offline. First the signatures: of the checkpoint, to whose root every event must
 * lead, and of the manifest, which says what each file is. A manifest that is not sound is named
 * and asked nothing; the events are checked all the same. For one bundle, used once.
 */
public final class BundleVerifier {

  private static final int FINDINGS_MAX = 20;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private final OpenBundle bundle;
  private final List<String> findings = new ArrayList<>();

  private BundleVerifier(OpenBundle bundle) {
    this.bundle = bundle;
  }

  /**
   * Checks a bundle.
   *
   * @param pinned the log's key, known from elsewhere; without it the bundle's own key is believed
   *     and the verdict says so
   */
  public static BundleVerdict verify(Path zip, Optional<VerifierKey> pinned) {
    try (OpenBundle bundle = OpenBundle.open(zip)) {
      return new BundleVerifier(bundle).run(pinned);
    } catch (Tampered e) {
      return BundleVerdict.of(BundleVerdict.Outcome.TAMPERED, e.text());
    } catch (OpenBundle.Unusable e) {
      return BundleVerdict.of(BundleVerdict.Outcome.UNUSABLE, String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return BundleVerdict.of(
          BundleVerdict.Outcome.UNUSABLE,
          zip + ": not a readable bundle: " + LocalFiles.reason(e, zip));
    }
  }

  private BundleVerdict run(Optional<VerifierKey> pinned) throws IOException {
    checkThatItIsABundle();
    String sound = findings.isEmpty() ? check(pinned) : "";
    return findings.isEmpty()
        ? BundleVerdict.of(BundleVerdict.Outcome.SOUND, sound)
        : new BundleVerdict(
            BundleVerdict.Outcome.TAMPERED,
            findings.subList(0, Math.min(findings.size(), FINDINGS_MAX)));
  }

  private void checkThatItIsABundle() {
    List<String> missing =
        Manifest.ALWAYS.stream().filter(name -> !bundle.names().contains(name)).toList();
    if (missing.size() == Manifest.ALWAYS.size()) {
      throw new OpenBundle.Unusable(
          bundle + ": a zip, but no evidence bundle: it has no " + Manifest.PATH);
    }
    missing.forEach(name -> findings.add(name + ": is missing"));
  }

  /** Returns what is to be said if nothing was found. */
  private String check(Optional<VerifierKey> pinned) throws IOException {
    VerifierKey key = pinned.isPresent() ? pinned.get() : ownKey();
    Checkpoint checkpoint = parse(Manifest.CHECKPOINT, Checkpoint::parse);
    SignedNote signature = parse(Manifest.SIGNATURE, SignedNote::parse);
    if (!checkpoint.verify(key)) {
      boolean neither = pinned.isEmpty() && !signature.verify(key);
      throw new Tampered(
          neither
              ? Manifest.VKEY + ": is not the key that signed the checkpoint and the manifest"
              : Manifest.CHECKPOINT + ": was changed, or is not signed by " + key);
    }
    Optional<SignedManifest> signed = signedManifest(signature, key);
    if (signed.isPresent() && !signed.get().vouchesFor(Manifest.CHECKPOINT)) {
      throw new Tampered(Manifest.CHECKPOINT + ": is a signed one, but not that of the manifest");
    }
    EventsCheck events = checkEvents(checkpoint, signed);
    attempt(() -> checkConsistency(checkpoint, key));
    attempt(this::checkCustody);
    if (findings.isEmpty()) {
      attempt(() -> checkReports(events.ids()));
    }
    signed.ifPresent(manifest -> addChangedFiles(manifest.changed()));
    signed.ifPresent(manifest -> checkCounts(manifest.manifest(), checkpoint, events.count()));
    if (findings.isEmpty() && signed.isPresent()) {
      attempt(() -> checkBothReadings(signed.get().manifest()));
    }
    return events.count()
        + " events proved against the checkpoint of "
        + checkpoint.origin()
        + " over "
        + checkpoint.size()
        + (pinned.isPresent()
            ? " with the pinned key " + key.id()
            : "; the key came with the bundle: compare it with one from elsewhere: " + key);
  }

  private VerifierKey ownKey() throws IOException {
    return parse(Manifest.VKEY, VerifierKey::parse);
  }

  private <T> T parse(String name, Function<String, T> parser) throws IOException {
    try {
      return parser.apply(bundle.text(name));
    } catch (SwornException e) {
      throw new Tampered(name + ": damaged: " + e.getMessage());
    }
  }

  /** The manifest, if it is sound; if not, that is a finding and the rest goes on without it. */
  private Optional<SignedManifest> signedManifest(SignedNote signature, VerifierKey key)
      throws IOException {
    try {
      return Optional.of(SignedManifest.read(bundle, signature, key));
    } catch (Tampered e) {
      findings.add(e.text());
      return Optional.empty();
    }
  }

  /** Finds the first event that is not proved; it is told before all else. */
  private EventsCheck checkEvents(Checkpoint checkpoint, Optional<SignedManifest> signed)
      throws IOException {
    boolean onlyProofsChanged =
        signed.isPresent()
            && signed.get().vouchesFor(Manifest.EVENTS)
            && !signed.get().vouchesFor(Manifest.PROOFS);
    EventsCheck events = new EventsCheck(checkpoint, onlyProofsChanged);
    try {
      events.run(bundle);
    } catch (Tampered e) {
      findings.add(0, e.text());
    }
    return events;
  }

  private void addChangedFiles(Map<String, String> changed) {
    changed.forEach(
        (path, finding) -> {
          boolean told =
              findings.stream().anyMatch(text -> text.matches(Pattern.quote(path) + "[: ].*"))
                  || (path.equals(Manifest.EVENTS)
                      && findings.stream().anyMatch(text -> text.startsWith("event ")));
          if (!told) {
            findings.add(finding);
          }
        });
  }

  private void checkCounts(Manifest manifest, Checkpoint checkpoint, long events) {
    boolean agrees =
        manifest.events() == events
            && manifest.treeSize() == checkpoint.size()
            && manifest.origin().equals(checkpoint.origin());
    if (findings.isEmpty() && !agrees) {
      findings.add(
          Manifest.PATH + ": speaks of " + manifest.events() + " events, there are " + events);
    }
  }

  /** The files are the same for whoever reads the zip from its end and from its beginning. */
  private void checkBothReadings(Manifest manifest) throws IOException {
    Map<String, String> through = bundle.readThrough();
    for (Manifest.Item item : manifest.files()) {
      checkBothReadings(item.path(), item.sha256(), through);
    }
    for (String name : List.of(Manifest.PATH, Manifest.SIGNATURE)) {
      checkBothReadings(name, bundle.sha256(name), through);
    }
  }

  private static void checkBothReadings(String name, String sha256, Map<String, String> through) {
    if (!sha256.equals(through.get(name))) {
      throw new Tampered(
          name + ": is another file for whoever reads the zip from its beginning on");
    }
  }

  private void checkConsistency(Checkpoint checkpoint, VerifierKey key) throws IOException {
    checkLines(
        Manifest.CONSISTENCY,
        line -> {
          Earlier earlier = SwornJson.read(line.getBytes(StandardCharsets.UTF_8), Earlier.class);
          if (earlier == null
              || earlier.checkpoint() == null
              || earlier.proof() == null
              || earlier.proof().contains(null)) {
            return "members are missing";
          }
          Checkpoint from = Checkpoint.parse(earlier.checkpoint());
          List<Hash> proof = earlier.proof().stream().map(Hash::parseBase64).toList();
          boolean beginning =
              from.verify(key)
                  && MerkleProofs.verifyConsistency(
                      from.size(), checkpoint.size(), proof, from.root(), checkpoint.root());
          return beginning
              ? ""
              : "the checkpoint over " + from.size() + " events is not a beginning of the log";
        });
  }

  /** Each line names the hash of the one before, so that none can be taken out of the middle. */
  private void checkCustody() throws IOException {
    AtomicReference<String> previous = new AtomicReference<>("0".repeat(64));
    checkLines(
        Manifest.CUSTODY,
        line -> {
          byte[] json = line.getBytes(StandardCharsets.UTF_8);
          Touch touch = SwornJson.read(json, Touch.class);
          if (touch == null || !Objects.equals(previous.get(), touch.prevSha256())) {
            return "does not follow the line before it; one of them was changed";
          }
          previous.set(Hash.of(json).toString());
          return "";
        });
  }

  /** Checks every line; an empty answer is a good one. */
  private void checkLines(String name, Function<String, String> check) throws IOException {
    try (BoundedLines lines = bundle.lines(name)) {
      int number = 0;
      for (String line = lines.next(); line != null; line = lines.next()) {
        number++;
        String bad;
        try {
          bad = check.apply(line);
        } catch (SwornException | IllegalArgumentException e) {
          bad = "damaged, it cannot be read"; // the reason would only quote what was changed
        }
        if (!bad.isEmpty()) {
          throw new Tampered(name + " line " + number + ": " + bad);
        }
      }
    }
  }

  /** Every event that a report names must be in the bundle. */
  private void checkReports(Set<String> ids) throws IOException {
    for (String path : bundle.names()) {
      boolean structured = path.endsWith(".json") || path.endsWith(".ndjson");
      boolean own = Manifest.ALWAYS.contains(path);
      if (structured && !own) {
        try (InputStream in = bundle.stream(path);
            JsonParser json = JSON.createParser(in)) {
          checkReport(path, json, ids);
        } catch (JsonProcessingException e) {
          throw new Tampered(
              path + " line " + e.getLocation().getLineNr() + ": damaged, it is no JSON");
        }
      }
    }
  }

  private static void checkReport(String path, JsonParser json, Set<String> ids)
      throws IOException {
    for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
      boolean names =
          token == JsonToken.FIELD_NAME
              && (json.currentName().equals("eventId") || json.currentName().equals("eventIds"));
      if (!names) {
        continue;
      }
      boolean array = json.nextToken() == JsonToken.START_ARRAY;
      if (array) {
        json.nextToken();
      }
      for (; json.currentToken() == JsonToken.VALUE_STRING; json.nextToken()) {
        if (!ids.contains(json.getText())) {
          throw new Tampered(
              path
                  + " line "
                  + json.currentLocation().getLineNr()
                  + ": event "
                  + json.getText()
                  + " is not in the bundle");
        }
        if (!array) {
          break;
        }
      }
    }
  }

  private record Earlier(
      @JsonProperty("checkpoint") String checkpoint, @JsonProperty("proof") List<String> proof) {}

  private record Touch(@JsonProperty("prevSha256") String prevSha256) {}

  private void attempt(Check check) throws IOException {
    try {
      check.run();
    } catch (Tampered e) {
      findings.add(e.text());
    }
  }

  /** One part of the work, which ends at its first bad item. */
  @FunctionalInterface
  private interface Check {
    void run() throws IOException;
  }
}
