package io.sworn.console;

import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a certificate chain and its key from PEM files into a key store in memory. */
final class PemIdentity {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

  private PemIdentity() {}

  /**
   * A key store with one entry.
   *
   * @throws SwornException with {@link ErrorCode#CONFIGURATION} if a file is missing or is not what
   *     it should be; the message names the file and never its content
   */
  static KeyStore load(Path certificateChain, Path privateKey, char[] storePassword) {
    PrivateKey key = key(privateKey);
    Certificate[] chain = chain(certificateChain);
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("console", key, storePassword, chain);
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(certificateChain, "a certificate chain that fits " + privateKey, e);
    }
  }

  private static Certificate[] chain(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(in)
              .toArray(new Certificate[0]);
      if (chain.length == 0) {
        throw unusable(file, "at least one PEM certificate", null);
      }
      return chain;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(file, "a readable file of PEM certificates", e);
    }
  }

  private static PrivateKey key(Path file) {
    byte[] encoded;
    try {
      Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
      if (!pem.find()) {
        throw unusable(file, "a PEM block 'PRIVATE KEY' (PKCS #8, not encrypted)", null);
      }
      encoded = Base64.getMimeDecoder().decode(pem.group(1));
    } catch (IOException e) {
      throw unusable(file, "a readable PEM file", e);
    }
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        continue; // The encoding names another algorithm; the next one may fit.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java platform has " + algorithm, e);
      }
    }
    throw unusable(file, "a key of type " + String.join(", ", ALGORITHMS), null);
  }

  private static SwornException unusable(Path file, String expected, @Nullable Exception cause) {
    String message = "console TLS file " + file + ": expected " + expected;
    return cause == null
        ? new SwornException(ErrorCode.CONFIGURATION, message)
        : new SwornException(ErrorCode.CONFIGURATION, message, cause);
  }
}
