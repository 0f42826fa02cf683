package io.sworn.export;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a client: whom it trusts and what it shows of itself. The files are PEM; the peer's host
 * name is always checked.
 *
 * @param prefix of the keys, with its dot
 * @param ca certificates to trust; null = those of the Java runtime
 * @param certificate chain to show; null = none
 * @param key its private key, PKCS#8, not encrypted
 */
public record TlsSettings(
    String prefix, @Nullable Path ca, @Nullable Path certificate, @Nullable Path key) {

  private static final String CA_FILE = "tls.ca.file";
  private static final String CERTIFICATE_FILE = "tls.certificate.file";
  private static final String KEY_FILE = "tls.key.file";

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  /** Adds the keys to {@code definition}. */
  public static ConfigDef define(ConfigDef definition, String prefix) {
    return definition
        .define(
            prefix + CA_FILE,
            Type.STRING,
            "",
            Importance.MEDIUM,
            "PEM file with the certificates to trust. Empty: those of the Java runtime.")
        .define(
            prefix + CERTIFICATE_FILE,
            Type.STRING,
            "",
            Importance.LOW,
            "PEM file with our client certificate and its chain. Empty: none is shown.")
        .define(
            prefix + KEY_FILE,
            Type.STRING,
            "",
            Importance.LOW,
            "PEM file with the private key (PKCS#8, not encrypted) of the client certificate.");
  }

  /** The keys that name files: all of them. */
  public static Set<String> files(String prefix) {
    return Set.of(prefix + CA_FILE, prefix + CERTIFICATE_FILE, prefix + KEY_FILE);
  }

  /** Reads the keys. */
  public static TlsSettings from(AbstractConfig config, String prefix) {
    return new TlsSettings(
        prefix,
        path(config.getString(prefix + CA_FILE)),
        path(config.getString(prefix + CERTIFICATE_FILE)),
        path(config.getString(prefix + KEY_FILE)));
  }

  /** What is wrong with the files, by key. */
  public Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    check(problems, CA_FILE, ca);
    check(problems, CERTIFICATE_FILE, certificate);
    check(problems, KEY_FILE, key);
    if ((certificate == null) != (key == null)) {
      problems.put(
          prefix + (key == null ? KEY_FILE : CERTIFICATE_FILE),
          "a client certificate needs both tls.certificate.file and tls.key.file");
    }
    if (problems.isEmpty()) {
      try {
        context();
      } catch (SwornException e) {
        problems.put(prefix + CA_FILE, String.valueOf(e.getMessage()));
      }
    }
    return problems;
  }

  /**
   * The context.
   *
   * @throws SwornException with code {@code CONFIGURATION} if a file is not what it should be
   */
  public SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(), trustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION, prefix + "tls.*: unusable PEM file: " + LocalFiles.reason(e), e);
    }
  }

  private TrustManager @Nullable [] trustManagers() throws IOException, GeneralSecurityException {
    if (ca == null) {
      return null;
    }
    KeyStore store = emptyStore();
    int number = 0;
    for (Certificate trusted : certificates(ca)) {
      store.setCertificateEntry("ca-" + number++, trusted);
    }
    if (number == 0) {
      throw new IllegalArgumentException(ca + " holds no certificate");
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private KeyManager @Nullable [] keyManagers() throws IOException, GeneralSecurityException {
    if (certificate == null || key == null) {
      return null;
    }
    KeyStore store = emptyStore();
    char[] none = new char[0];
    store.setKeyEntry(
        "client", privateKey(key), none, certificates(certificate).toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, none);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new IllegalArgumentException(file + " holds no unencrypted PKCS#8 private key");
    }
    PKCS8EncodedKeySpec spec =
        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    for (String algorithm : new String[] {"EC", "RSA", "Ed25519"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // PKCS#8 names its algorithm inside; the factory of the right one accepts it.
        continue;
      }
    }
    throw new IllegalArgumentException(file + ": the key is neither EC, RSA nor Ed25519");
  }

  private void check(Map<String, String> problems, String name, @Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      problems.put(prefix + name, "file " + file + " cannot be read");
    }
  }

  private static @Nullable Path path(String text) {
    return text.isEmpty() ? null : Path.of(text);
  }
}
