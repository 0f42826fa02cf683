package io.sworn.evidence.bundle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventId;
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
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks a bundle offline. Events come first, so that a changed one is named even if the manifest
 * was changed along with it: each carries its own path to the signed root. Stateless.
 */
public final class BundleVerifier {

  private static final Pattern INDEX =
      Pattern.compile("\"index\":(\\d{1,18}),\"id\":\"([0-9a-f]{32})\"");
  private static final Pattern BYTES = Pattern.compile("\"bytes\":\"([A-Za-z0-9+/=]*)\"");
  private static final Pattern PATH_HASH = Pattern.compile("[A-Za-z0-9+/]{43}=");
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private final OpenBundle bundle;
  private final VerifierKey key;
  private final boolean pinned;
  private final Set<String> ids = new HashSet<>();

  private BundleVerifier(OpenBundle bundle, VerifierKey key, boolean pinned) {
    this.bundle = bundle;
    this.key = key;
    this.pinned = pinned;
  }

  /**
   * Checks a bundle.
   *
   * @param pinned the log's key, known from elsewhere; without it the bundle's own key is believed
   *     and the verdict says so
   */
  public static BundleVerdict verify(Path zip, Optional<VerifierKey> pinned) {
    try (OpenBundle bundle = OpenBundle.open(zip)) {
      VerifierKey own = VerifierKey.parse(bundle.text(Manifest.VKEY));
      BundleVerifier verifier = new BundleVerifier(bundle, pinned.orElse(own), pinned.isPresent());
      return new BundleVerdict(BundleVerdict.Outcome.SOUND, verifier.run());
    } catch (Tampered e) {
      return new BundleVerdict(BundleVerdict.Outcome.TAMPERED, String.valueOf(e.getMessage()));
    } catch (OpenBundle.Unusable | SwornException e) {
      return new BundleVerdict(BundleVerdict.Outcome.UNUSABLE, String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return new BundleVerdict(
          BundleVerdict.Outcome.UNUSABLE, zip + ": not a readable bundle: " + e.getMessage());
    }
  }

  private String run() throws IOException {
    Manifest manifest = bundle.manifest();
    Checkpoint checkpoint;
    try {
      checkpoint = Checkpoint.parse(bundle.text(Manifest.CHECKPOINT));
    } catch (SwornException e) {
      throw new Tampered(Manifest.CHECKPOINT + ": damaged: " + e.getMessage());
    }
    if (!checkpoint.verify(key)) {
      throw new Tampered(Manifest.CHECKPOINT + ": not signed by " + key);
    }
    long events = checkEvents(checkpoint);
    checkManifest(manifest);
    if (manifest.events() != events
        || manifest.treeSize() != checkpoint.size()
        || !manifest.origin().equals(checkpoint.origin())) {
      throw new Tampered(
          Manifest.PATH + ": speaks of " + manifest.events() + " events, there are " + events);
    }
    checkConsistency(checkpoint);
    checkReports(manifest);
    return events
        + " events proved against the checkpoint of "
        + checkpoint.origin()
        + " over "
        + checkpoint.size()
        + (pinned
            ? " with the pinned key " + key.id()
            : "; the key came with the bundle: compare it with one from elsewhere: " + key);
  }

  private long checkEvents(Checkpoint checkpoint) throws IOException {
    long last = -1;
    long count = 0;
    try (BoundedLines events = bundle.lines(Manifest.EVENTS);
        BoundedLines proofs = bundle.lines(Manifest.PROOFS)) {
      while (true) {
        String line = events.next();
        String proof = proofs.next();
        if (line == null && proof == null) {
          return count;
        }
        count++;
        Matcher place = INDEX.matcher(proof == null ? "" : proof);
        if (proof == null || !place.find()) {
          throw new Tampered(
              Manifest.PROOFS + " line " + count + ": missing or damaged" + at(line));
        }
        long index = Long.parseLong(place.group(1));
        String id = place.group(2);
        String name = "event " + index + " (" + id + ")";
        if (line == null) {
          throw new Tampered(Manifest.EVENTS + ": " + name + " is missing");
        }
        if (index <= last) {
          throw new Tampered(Manifest.PROOFS + " line " + count + ": " + name + " is out of order");
        }
        last = index;
        checkEvent(index, id, name, line, proof, checkpoint);
        ids.add(id);
      }
    }
  }

  private static String at(@Nullable String line) {
    Matcher place = INDEX.matcher(line == null ? "" : line);
    return place.find() ? ", for event " + place.group(1) + " (" + place.group(2) + ")" : "";
  }

  private static void checkEvent(
      long index, String id, String name, String line, String proof, Checkpoint checkpoint) {
    byte[] bytes;
    List<Hash> path = new ArrayList<>();
    try {
      Matcher encoded = BYTES.matcher(line);
      bytes = encoded.find() ? Base64.getDecoder().decode(encoded.group(1)) : new byte[0];
      Matcher hash = PATH_HASH.matcher(proof);
      while (hash.find() && path.size() <= 64) {
        path.add(Hash.parseBase64(hash.group()));
      }
    } catch (IllegalArgumentException e) {
      throw new Tampered(name + ": changed: " + e.getMessage());
    }
    if (!MerkleProofs.verifyInclusion(
        index, checkpoint.size(), Hash.leaf(bytes), path, checkpoint.root())) {
      throw new Tampered(
          name
              + place(id, bytes)
              + ": its bytes or its proof were changed; they do not lead to the signed root");
    }
    if (!proof.equals(EventLine.proof(index, id, path))) {
      throw new Tampered(Manifest.PROOFS + ", " + name + ": the line was changed");
    }
    AuditEvent event;
    try {
      event = AuditEventCodec.decode(bytes);
    } catch (SwornException e) {
      throw new Tampered(name + ": its bytes are no event: " + e.getMessage());
    }
    if (!event.id().toString().equals(id) || !line.equals(EventLine.event(index, event, bytes))) {
      throw new Tampered(
          name + ": the readable text is not what the original bytes say; the bytes are sound");
    }
  }

  /** Where the event stands in its trail, if that part of its bytes still belongs to its id. */
  private static String place(String id, byte[] bytes) {
    try {
      AuditEvent event = AuditEventCodec.decode(bytes);
      boolean own = EventId.of(event.trail(), event.sequence()).toString().equals(id);
      return own ? " of trail " + event.trail() + ", sequence " + event.sequence() : "";
    } catch (SwornException e) {
      return ""; // index and id name it as well
    }
  }

  private void checkManifest(Manifest manifest) throws IOException {
    SignedNote note;
    try {
      note = SignedNote.parse(bundle.text(Manifest.SIGNATURE));
    } catch (SwornException e) {
      throw new Tampered(Manifest.SIGNATURE + ": damaged: " + e.getMessage());
    }
    for (Manifest.Item item : manifest.files()) {
      String actual = bundle.sha256(item.path());
      if (!actual.equals(item.sha256())) {
        throw new Tampered(item.path() + ": is not the file that the manifest names");
      }
    }
    if (!note.text().equals(Manifest.signedText(bundle.sha256(Manifest.PATH)))
        || !note.verify(key)) {
      throw new Tampered(Manifest.PATH + ": was changed, or is not signed by " + key);
    }
    if (!VerifierKey.parse(bundle.text(Manifest.VKEY)).equals(key)) {
      throw new Tampered(Manifest.VKEY + ": is not the pinned key");
    }
  }

  private void checkConsistency(Checkpoint checkpoint) throws IOException {
    try (BoundedLines lines = bundle.lines(Manifest.CONSISTENCY)) {
      int number = 0;
      for (String line = lines.next(); line != null; line = lines.next()) {
        number++;
        Earlier earlier = SwornJson.read(line.getBytes(StandardCharsets.UTF_8), Earlier.class);
        if (earlier == null
            || earlier.checkpoint() == null
            || earlier.proof() == null
            || earlier.proof().contains(null)) {
          throw new Tampered(Manifest.CONSISTENCY + " line " + number + ": members are missing");
        }
        Checkpoint from = Checkpoint.parse(earlier.checkpoint());
        List<Hash> proof = earlier.proof().stream().map(Hash::parseBase64).toList();
        if (!from.verify(key)
            || !MerkleProofs.verifyConsistency(
                from.size(), checkpoint.size(), proof, from.root(), checkpoint.root())) {
          throw new Tampered(
              Manifest.CONSISTENCY
                  + " line "
                  + number
                  + ": the checkpoint over "
                  + from.size()
                  + " events is not a beginning of the log");
        }
      }
    }
  }

  /** Every event that a report names must be in the bundle. */
  private void checkReports(Manifest manifest) throws IOException {
    for (Manifest.Item item : manifest.files()) {
      boolean structured = item.path().endsWith(".json") || item.path().endsWith(".ndjson");
      boolean own =
          item.path().equals(Manifest.EVENTS)
              || item.path().equals(Manifest.CUSTODY)
              || item.path().startsWith("integrity/");
      if (structured && !own) {
        try (InputStream in = bundle.stream(item.path());
            JsonParser json = JSON.createParser(in)) {
          checkReport(item.path(), json);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
          throw new Tampered(item.path() + ": is no JSON: " + e.getOriginalMessage());
        }
      }
    }
  }

  private void checkReport(String path, JsonParser json) throws IOException {
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
      @com.fasterxml.jackson.annotation.JsonProperty("checkpoint") String checkpoint,
      @com.fasterxml.jackson.annotation.JsonProperty("proof") List<String> proof) {}

  /** The first bad item was found. */
  private static final class Tampered extends RuntimeException {
    private static final long serialVersionUID = 1;

    Tampered(String message) {
      super(message);
    }
  }
}
