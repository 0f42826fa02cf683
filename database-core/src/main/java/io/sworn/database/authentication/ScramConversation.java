package io.sworn.database.authentication;

import com.ongres.scram.common.ClientFirstMessage;
import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ServerFinalMessage;
import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.exception.ScramParseException;
import io.sworn.event.UserName;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One login with SCRAM-SHA-256 (RFC 5802), seen from the server. Not safe for several threads.
 * Known and unknown users take the same path; only the last step tells them apart.
 */
public final class ScramConversation {

  /** The only mechanism that this server offers. */
  public static final String MECHANISM = "SCRAM-SHA-256";

  private static final Pattern NAME = Pattern.compile("[^,]*,[^,]*,n=([^,]*),r=");
  private static final int NONCE_CHARACTERS = 24;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final UserName user;
  private final ScramCredential credential;
  private final String clientFirstBare;
  private final ServerFirstMessage serverFirst;

  private ScramConversation(
      UserName user,
      ScramCredential credential,
      String clientFirstBare,
      ServerFirstMessage serverFirst) {
    this.user = user;
    this.credential = credential;
    this.clientFirstBare = clientFirstBare;
    this.serverFirst = serverFirst;
  }

  /** Starts with the client's first message; empty if that is not one. */
  public static Optional<ScramConversation> start(byte[] payload, String db, UserStore users) {
    String message = new String(payload, StandardCharsets.UTF_8);
    try {
      ClientFirstMessage first = ClientFirstMessage.parseFrom(message);
      // MongoDB has no channel binding and no authorization identity: "n,," stands in front.
      String name = claimedUser(payload);
      if (!message.startsWith("n,,n=") || name.isEmpty()) {
        return Optional.empty();
      }
      UserName user = new UserName(name, db);
      ScramCredential credential = users.credential(user);
      ServerFirstMessage reply =
          new ServerFirstMessage(
              first.getClientNonce(),
              ScramFunctions.nonce(NONCE_CHARACTERS, RANDOM),
              credential.saltText(),
              credential.iterations());
      return Optional.of(
          new ScramConversation(user, credential, message.substring("n,,".length()), reply));
    } catch (ScramParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The name in a first message of any SCRAM mechanism; empty if there is none. */
  public static String claimedUser(byte[] payload) {
    Matcher name = NAME.matcher(new String(payload, StandardCharsets.UTF_8));
    // RFC 5802, 5.1: "=2C" stands for a comma and "=3D" for an equals sign.
    return name.lookingAt() ? name.group(1).replace("=2C", ",").replace("=3D", "=") : "";
  }

  /** Who claims to log in; proven only after {@link #finish}. */
  public UserName user() {
    return user;
  }

  /** The server's first message. */
  public byte[] challenge() {
    return serverFirst.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Checks the client's proof; the server's final message, or empty if the proof is wrong. */
  public Optional<byte[]> finish(byte[] payload) {
    String message = new String(payload, StandardCharsets.UTF_8);
    int proofAt = message.lastIndexOf(",p=");
    // "biws" is the base64 form of "n,,".
    if (proofAt < 0
        || !message.substring(0, proofAt).equals("c=biws,r=" + serverFirst.getNonce())) {
      return Optional.empty();
    }
    byte[] proof;
    try {
      proof = Base64.getDecoder().decode(message.substring(proofAt + 3));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    String authMessage = clientFirstBare + "," + serverFirst + "," + message.substring(0, proofAt);
    if (!credential.verifies(proof, authMessage)) {
      return Optional.empty();
    }
    ServerFinalMessage last = new ServerFinalMessage(credential.signature(authMessage));
    return Optional.of(last.toString().getBytes(StandardCharsets.UTF_8));
  }
}
