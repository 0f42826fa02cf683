package io.sworn.evidence.bundle;

import io.sworn.event.AuditEvent;
import io.sworn.event.AuditEventCodec;
import io.sworn.event.EventId;
import io.sworn.event.SwornException;
import io.sworn.evidence.Checkpoint;
import io.sworn.evidence.Hash;
import io.sworn.evidence.MerkleProofs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leads every event of a bundle to the signed root. An event carries its own proof, so a changed
 * one is named even if the manifest was made to fit; whether the event or its proof was changed is
 * only known from a manifest that is itself sound.
 */
final class EventsCheck {

  private static final Pattern INDEX =
      Pattern.compile("\"index\":(\\d{1,18}),\"id\":\"([0-9a-f]{32})\"");
  private static final Pattern BYTES = Pattern.compile("\"bytes\":\"([A-Za-z0-9+/=]*)\"");
  private static final Pattern PATH_HASH = Pattern.compile("[A-Za-z0-9+/]{43}=");

  private static final String BYTES_MEMBER = "\"bytes\":\"";
  private static final int PATH_MAX = 64;

  /** A hash in base64, its two quotes and a comma. */
  private static final int PATH_ITEM_CHARS = 44 + 3;

  private final Checkpoint checkpoint;
  private final boolean onlyProofsChanged;
  private final Set<String> ids = new HashSet<>();
  private long last = -1;
  private long count;

  /**
   * @param onlyProofsChanged the signed manifest vouches for the events' file and not for the
   *     proofs' one: then no event is to blame
   */
  EventsCheck(Checkpoint checkpoint, boolean onlyProofsChanged) {
    this.checkpoint = checkpoint;
    this.onlyProofsChanged = onlyProofsChanged;
  }

  /** Ids of the events that were proved. */
  Set<String> ids() {
    return ids;
  }

  /** Number of events that were proved. */
  long count() {
    return count;
  }

  /**
   * Reads both files to their ends.
   *
   * @throws Tampered at the first event that is not proved
   */
  void run(OpenBundle bundle) throws IOException {
    try (BoundedLines events = bundle.lines(Manifest.EVENTS);
        BoundedLines proofs = bundle.lines(Manifest.PROOFS)) {
      while (next(events, proofs)) {
        count++;
      }
    } catch (Tampered e) {
      String proof = Manifest.PROOFS + " line " + (count + 1);
      if (onlyProofsChanged && !e.text().startsWith(Manifest.PROOFS)) {
        throw new Tampered(proof + ": was changed; the events are those of the signed manifest");
      }
      throw e;
    }
  }

  private boolean next(BoundedLines events, BoundedLines proofs) throws IOException {
    String proof = proofs.next();
    Matcher place = INDEX.matcher(proof == null ? "" : proof);
    boolean placed = place.find();
    String line;
    try {
      line = events.next();
    } catch (Tampered e) {
      throw placed ? new Tampered(name(place) + ": " + e.text()) : e;
    }
    if (line == null && proof == null) {
      return false;
    }
    String where = Manifest.PROOFS + " line " + (count + 1);
    if (!placed) {
      Matcher event = INDEX.matcher(line == null ? "" : line);
      throw new Tampered(
          where + ": missing or damaged" + (event.find() ? ", for " + name(event) : ""));
    }
    if (line == null) {
      throw new Tampered(name(place) + ": is missing in " + Manifest.EVENTS);
    }
    long index = Long.parseLong(place.group(1));
    if (index <= last) {
      throw new Tampered(where + ": " + name(place) + " is out of order");
    }
    last = index;
    check(index, place.group(2), name(place), line, String.valueOf(proof));
    ids.add(place.group(2));
    return true;
  }

  private static String name(Matcher place) {
    return "event " + place.group(1) + " (" + place.group(2) + ")";
  }

  private void check(long index, String id, String name, String line, String proof) {
    byte[] bytes;
    List<Hash> path;
    try {
      bytes = bytes(line);
      path = path(index, id, proof);
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
      throw new Tampered(Manifest.PROOFS + " line " + (count + 1) + ": " + name + ": was changed");
    }
    AuditEvent event;
    try {
      event = AuditEventCodec.decodeArchived(bytes);
    } catch (SwornException e) {
      throw new Tampered(name + ": its bytes are no event: " + e.getMessage());
    }
    if (!event.id().toString().equals(id) || !line.equals(EventLine.event(index, event, bytes))) {
      throw new Tampered(
          name + ": the readable text is not what the original bytes say; the bytes are sound");
    }
  }

  /** The original bytes; none if they are not to be found. */
  private static byte[] bytes(String line) {
    int begin = line.indexOf(BYTES_MEMBER) + BYTES_MEMBER.length();
    int end = line.indexOf('"', begin);
    if (begin >= BYTES_MEMBER.length() && end >= 0) {
      try {
        return Base64.getDecoder().decode(line.substring(begin, end));
      } catch (IllegalArgumentException e) {
        return searched(line); // what a damaged line still tells names the damage
      }
    }
    return searched(line);
  }

  private static byte[] searched(String line) {
    Matcher encoded = BYTES.matcher(line);
    return encoded.find() ? Base64.getDecoder().decode(encoded.group(1)) : new byte[0];
  }

  /**
   * The hashes of a proof, by their places if the line has exactly the form that {@link EventLine}
   * gives it, which takes a fraction of the time of a search; otherwise whatever looks like one.
   */
  private static List<Hash> path(long index, String id, String proof) {
    String begin = EventLine.proofBegin(index, id);
    int at = begin.length();
    int items = (proof.length() - at - EventLine.PROOF_END.length() + 1) / PATH_ITEM_CHARS;
    List<Hash> path = new ArrayList<>();
    if (!proof.startsWith(begin) || items > PATH_MAX) {
      return searchedPath(proof);
    }
    for (int i = 0; i < items; i++, at += PATH_ITEM_CHARS) {
      try {
        path.add(Hash.parseBase64(proof.substring(at + 1, at + PATH_ITEM_CHARS - 2)));
      } catch (IllegalArgumentException e) {
        return searchedPath(proof);
      }
    }
    return path;
  }

  private static List<Hash> searchedPath(String proof) {
    List<Hash> path = new ArrayList<>();
    Matcher hash = PATH_HASH.matcher(proof);
    while (hash.find() && path.size() <= PATH_MAX) {
      path.add(Hash.parseBase64(hash.group()));
    }
    return path;
  }

  /** Where the event stands in its trail, if that part of its bytes still belongs to its id. */
  private static String place(String id, byte[] bytes) {
    try {
      AuditEvent event = AuditEventCodec.decodeArchived(bytes);
      boolean own = EventId.of(event.trail(), event.sequence()).toString().equals(id);
      return own ? " of trail " + event.trail() + ", sequence " + event.sequence() : "";
    } catch (SwornException e) {
      return ""; // index and id name it as well
    }
  }
}
