package io.sworn.filter.redact;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys for tokens. A token is {@code tok_<key id>_<22 characters>}: the first 128 bits of
 * HMAC-SHA-256 (RFC 2104) over the value's BSON type and bytes, base64url. The last key of the file
 * makes new tokens; the older ones stay, so that whoever may can still find what an old token stood
 * for. To rotate, append a line and restart.
 */
public final class TokenKeys {

  private static final Pattern LINE = Pattern.compile("([a-z0-9]{1,16}):([0-9a-f]{64})");
  private static final int KEYS_MAX = 1000;
  private static final int TOKEN_BYTES = 16;

  private final List<String> ids;
  private final List<SecretKeySpec> keys;
  private final ThreadLocal<Mac> newest;

  private TokenKeys(List<String> ids, List<SecretKeySpec> keys) {
    this.ids = ids;
    this.keys = keys;
    SecretKeySpec last = keys.get(keys.size() - 1);
    this.newest = ThreadLocal.withInitial(() -> mac(last));
  }

  /**
   * Reads lines of {@code id:64 hex digits}.
   *
   * @throws SwornException naming the line; the key itself is never part of a message
   */
  public static TokenKeys read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "token keys " + file + " cannot be read: " + LocalFiles.reason(e, file),
          e);
    }
    List<String> ids = new ArrayList<>();
    List<SecretKeySpec> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      var matcher = LINE.matcher(lines.get(i).strip());
      String place = file + ", line " + (i + 1) + ": ";
      if (!matcher.matches()) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            place + "'id:key' expected, the id of a-z, 0-9, the key of 64 hex digits");
      }
      if (ids.contains(matcher.group(1))) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            place
                + "the id '"
                + matcher.group(1)
                + "' stands there before; give this key an id of its own, or remove the line");
      }
      if (ids.size() == KEYS_MAX) {
        throw new SwornException(
            ErrorCode.CONFIGURATION,
            place + "more than " + KEYS_MAX + " keys; remove those whose tokens nobody needs");
      }
      ids.add(matcher.group(1));
      keys.add(new SecretKeySpec(HexFormat.of().parseHex(matcher.group(2)), "HmacSHA256"));
    }
    if (keys.isEmpty()) {
      throw new SwornException(ErrorCode.CONFIGURATION, file + " holds no key");
    }
    return new TokenKeys(ids, keys);
  }

  /** The token of a value under the newest key. */
  String token(byte type, byte[] bytes, int from, int to) {
    return token(newest.get(), ids.get(ids.size() - 1), type, bytes, from, to);
  }

  /** The tokens of a text value under every key, newest first. */
  public List<String> tokensOf(String text) {
    byte[] value = BsonRewriter.stringValue(text);
    List<String> tokens = new ArrayList<>();
    for (int i = ids.size() - 1; i >= 0; i--) {
      tokens.add(token(mac(keys.get(i)), ids.get(i), BsonRewriter.STRING, value, 0, value.length));
    }
    return tokens;
  }

  private static String token(Mac mac, String id, byte type, byte[] bytes, int from, int to) {
    mac.update(type);
    mac.update(bytes, from, to - from);
    byte[] full = mac.doFinal();
    byte[] cut = java.util.Arrays.copyOf(full, TOKEN_BYTES);
    return "tok_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(cut);
  }

  private static Mac mac(SecretKeySpec key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac;
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("the key was checked before", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
