package io.sworn.server.identity;

import io.sworn.event.ErrorCode;
import io.sworn.event.LocalFiles;
import io.sworn.event.SwornException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority of its own and a certificate for the services on this machine ({@code localhost},
 * {@code 127.0.0.1}, {@code ::1}), made at the first start and renewed when fewer than 30 days are
 * left. PEM files: {@code ca.pem}, {@code server.pem} (certificate, then the authority's), {@code
 * server.key} (PKCS#8), and {@code server-all.pem} (key and chain in one, as Kafka takes it).
 */
public final class Identity {

  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  private static final Duration SERVER_LIFE = Duration.ofDays(365);
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);
  private static final X500Name AUTHORITY_NAME = new X500Name("CN=Sworn local authority");

  private final Path directory;

  private Identity(Path directory) {
    this.directory = directory;
  }

  /** Loads the identity in {@code directory}, or makes what is missing or about to expire. */
  public static Identity loadOrCreate(Path directory, Clock clock) {
    OwnerOnly.directory(directory);
    Identity identity = new Identity(directory);
    try {
      identity.ensure(clock.instant());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new SwornException(
          ErrorCode.STORAGE,
          "certificates in " + directory + ": " + LocalFiles.reason(e, directory),
          e);
    }
    return identity;
  }

  /** Certificate of the authority: what a client must trust. */
  public Path authority() {
    return directory.resolve("ca.pem");
  }

  /** Certificate of the services, followed by the authority's. */
  public Path certificateChain() {
    return directory.resolve("server.pem");
  }

  /** Key of the services, PKCS#8. */
  public Path privateKey() {
    return directory.resolve("server.key");
  }

  /** Key and chain in one file. */
  public Path keyAndChain() {
    return directory.resolve("server-all.pem");
  }

  private void ensure(Instant now)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    Path authorityKey = directory.resolve("ca.key");
    boolean fresh = !Files.exists(authorityKey) || expires(authority(), now);
    if (fresh) {
      KeyPair pair = keyPair();
      X509Certificate certificate = authorityCertificate(pair, now);
      OwnerOnly.write(authorityKey, pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
      OwnerOnly.write(authority(), pem(certificate));
    }
    if (fresh || !Files.exists(keyAndChain()) || expires(certificateChain(), now)) {
      KeyPair pair = keyPair();
      PrivateKey signer = readKey(authorityKey);
      X509Certificate certificate = serverCertificate(pair, signer, now);
      String key = pem(new JcaPKCS8Generator(pair.getPrivate(), null));
      String chain = pem(certificate) + Files.readString(authority());
      OwnerOnly.write(privateKey(), key);
      OwnerOnly.write(certificateChain(), chain);
      OwnerOnly.write(keyAndChain(), key + chain);
    }
  }

  private static boolean expires(Path certificate, Instant now)
      throws IOException, GeneralSecurityException {
    if (!Files.exists(certificate)) {
      return true;
    }
    try (PEMParser parser = new PEMParser(new StringReader(Files.readString(certificate)))) {
      X509CertificateHolder holder = (X509CertificateHolder) parser.readObject();
      return holder.getNotAfter().toInstant().isBefore(now.plus(RENEW_BEFORE));
    }
  }

  private static PrivateKey readKey(Path file) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(Files.readString(file)))) {
      return new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) parser.readObject());
    }
  }

  private static KeyPair keyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate authorityCertificate(KeyPair pair, Instant now)
      throws CertIOException, GeneralSecurityException, OperatorCreationException {
    JcaX509v3CertificateBuilder builder =
        builder(AUTHORITY_NAME, pair, now, now.plus(AUTHORITY_LIFE));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    return sign(builder, pair.getPrivate());
  }

  private static X509Certificate serverCertificate(KeyPair pair, PrivateKey signer, Instant now)
      throws CertIOException, GeneralSecurityException, OperatorCreationException {
    JcaX509v3CertificateBuilder builder =
        builder(new X500Name("CN=localhost"), pair, now, now.plus(SERVER_LIFE));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
              new GeneralName(GeneralName.iPAddress, "::1")
            }));
    return sign(builder, signer);
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name subject, KeyPair pair, Instant from, Instant to) {
    return new JcaX509v3CertificateBuilder(
        AUTHORITY_NAME,
        new BigInteger(127, new SecureRandom()),
        // Clocks of clients on other machines may be a little behind.
        Date.from(from.minus(Duration.ofHours(1))),
        Date.from(to),
        subject,
        pair.getPublic());
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey signer)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
  }

  private static String pem(Object content) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(content);
    }
    return text.toString();
  }
}
