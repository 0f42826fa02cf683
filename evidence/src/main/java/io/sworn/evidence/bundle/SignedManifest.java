package io.sworn.evidence.bundle;

import io.sworn.event.SwornException;
import io.sworn.event.SwornJson;
import io.sworn.evidence.SignedNote;
import io.sworn.evidence.VerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The manifest of a bundle, whose signature has been checked: only then may it say which files
 * there are and what is in them.
 *
 * @param manifest what it says
 * @param changed what is to be said of each file that is not as the manifest names it, by path
 */
record SignedManifest(Manifest manifest, Map<String, String> changed) {

  /**
   * Checks the signature, then the files.
   *
   * @throws Tampered if the signature or the manifest was changed
   * @throws OpenBundle.Unusable if the signed manifest is not of this program's version
   */
  static SignedManifest read(OpenBundle bundle, SignedNote signature, VerifierKey key)
      throws IOException {
    if (!signature.verify(key)) {
      throw new Tampered(Manifest.SIGNATURE + ": was changed, or is not signed by " + key);
    }
    if (!signature.text().startsWith(Manifest.SIGNED_TITLE)) {
      throw new OpenBundle.Unusable(
          bundle + ": its manifest is signed in a way that is unknown to this program");
    }
    if (!signature.text().equals(Manifest.signedText(bundle.sha256(Manifest.PATH)))) {
      throw new Tampered(Manifest.PATH + ": was changed after it was signed");
    }
    Manifest manifest = parse(bundle);
    return new SignedManifest(manifest, changed(bundle, manifest));
  }

  /** Whether the file is there, byte for byte as the manifest names it. */
  boolean vouchesFor(String path) {
    return !changed.containsKey(path);
  }

  private static Manifest parse(OpenBundle bundle) throws IOException {
    Manifest read;
    try {
      read =
          SwornJson.read(
              bundle.text(Manifest.PATH).getBytes(StandardCharsets.UTF_8), Manifest.class);
    } catch (SwornException e) {
      throw new OpenBundle.Unusable(bundle + ": " + Manifest.PATH + ": " + e.getMessage());
    }
    if (read == null) {
      throw new OpenBundle.Unusable(bundle + ": " + Manifest.PATH + ": is empty");
    }
    if (!Manifest.FORMAT.equals(read.format()) || read.version() != Manifest.VERSION) {
      throw new OpenBundle.Unusable(
          bundle
              + ": format '"
              + read.format()
              + "' version "
              + read.version()
              + " is unknown to this program");
    }
    boolean whole =
        read.origin() != null
            && read.files() != null
            && read.files().stream()
                .noneMatch(i -> i == null || i.path() == null || i.sha256() == null);
    if (!whole) {
      throw new OpenBundle.Unusable(bundle + ": " + Manifest.PATH + ": members are missing");
    }
    return read;
  }

  private static Map<String, String> changed(OpenBundle bundle, Manifest manifest)
      throws IOException {
    Map<String, String> changed = new LinkedHashMap<>();
    Set<String> listed = new HashSet<>(Set.of(Manifest.PATH, Manifest.SIGNATURE));
    for (Manifest.Item item : manifest.files()) {
      String path = item.path();
      if (!listed.add(path)) {
        changed.put(Manifest.PATH, Manifest.PATH + ": lists '" + path + "' twice");
      } else if (!bundle.names().contains(path)) {
        changed.put(path, path + ": is missing");
      } else {
        try {
          if (!bundle.sha256(path).equals(item.sha256())) {
            changed.put(path, path + ": is not the file that the signed manifest names");
          }
        } catch (Tampered e) {
          changed.put(path, e.text());
        }
      }
    }
    for (String name : bundle.names()) {
      if (!listed.contains(name)) {
        changed.put(name, name + ": was added; it is not in the signed manifest");
      }
    }
    return changed;
  }
}
