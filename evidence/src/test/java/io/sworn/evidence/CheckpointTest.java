package io.sworn.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

  private static final String ORIGIN = "audit.example/evidence-log";
  private static final String VKEY =
      ORIGIN + "+b740333d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
  private static final String NOTE =
      """
      audit.example/evidence-log
      8
      XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

      \u2014 audit.example/evidence-log t0AzPYOLaizSQICd92y0qKwtJaRfVJ6HsCMo36vNw3ZBjdro6t1fJDROg2Nv4TZLha1pLT1ocbE2rprx5Pat0LeWUAk=
      """;

  private static SigningKey key() {
    byte[] seed = new byte[32];
    for (int i = 0; i < 32; i++) {
      seed[i] = (byte) i;
    }
    return SigningKey.fromSeed(seed);
  }

  @Test
  void keyAndNoteEqualThePublishedVector() {
    assertThat(key().verifier(ORIGIN)).hasToString(VKEY);
    assertThat(key().verifier(ORIGIN).id()).isEqualTo("b740333d");
    Hash root = Hash.parseHex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    assertThat(Checkpoint.sign(ORIGIN, 8, root, key())).hasToString(NOTE);
    assertThat(Checkpoint.parse(NOTE).verify(VerifierKey.parse(VKEY))).isTrue();
  }

  @Test
  void noChangedCharacterPassesUnnoticed() {
    VerifierKey verifier = VerifierKey.parse(VKEY);
    for (int i = 0; i < NOTE.length(); i++) {
      String changed = NOTE.substring(0, i) + (char) (NOTE.charAt(i) ^ 1) + NOTE.substring(i + 1);
      boolean accepted;
      try {
        accepted = Checkpoint.parse(changed).verify(verifier);
      } catch (SwornException e) {
        accepted = false;
      }
      assertThat(accepted).as("character %d", i).isFalse();
    }
  }

  @Test
  void signaturesOfOthersAreIgnoredButAFailedOneOfOursRejects() {
    VerifierKey verifier = VerifierKey.parse(VKEY);
    String foreign = "\u2014 witness.example AAAAAAAA\n";
    assertThat(Checkpoint.parse(NOTE + foreign).verify(verifier)).isTrue();
    String forged = NOTE.substring(NOTE.indexOf('\u2014')).replace("t0AzPYOL", "t0AzPYOM");
    assertThat(Checkpoint.parse(NOTE + forged).verify(verifier)).isFalse();
  }

  @Test
  void keyFileIsCreatedOnceForItsOwnerAlone(@TempDir Path dir) throws IOException {
    Path pem = dir.resolve("keys/log.pem");
    VerifierKey first = SigningKey.loadOrCreate(pem).verifier(ORIGIN);
    assertThat(SigningKey.loadOrCreate(pem).verifier(ORIGIN)).isEqualTo(first);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pem)))
        .isEqualTo("rw-------");
    assertThat(SigningKey.loadOrCreate(pem)).hasToString("SigningKey[***]");
    Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> SigningKey.loadOrCreate(pem)).hasMessageContaining("0600");
    Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(pem, "nonsense");
    assertThatThrownBy(() -> SigningKey.loadOrCreate(pem)).hasMessageContaining("no Ed25519 key");
  }

  /** As a torn or forged file has it: never an error of another kind. */
  @Test
  void aNoteWithoutASignatureIsNone() {
    for (String note : new String[] {"", "\n", "\n\n", "o\n1\nx\n\n", NOTE + "\n", "o\n\n\n"}) {
      assertThatThrownBy(() -> SignedNote.parse(note)).as(note).isInstanceOf(SwornException.class);
    }
    for (int length = 0; length < NOTE.length(); length++) {
      String torn = NOTE.substring(0, length);
      assertThatThrownBy(() -> Checkpoint.parse(torn)).isInstanceOf(SwornException.class);
    }
  }
}
