package io.sworn.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority of its own, a server for the loopback addresses and a client. */
public final class TestCertificates {

  private record Issued(KeyPair keys, X509Certificate certificate) {}

  private final Path directory;
  private final Issued authority;
  private final Issued server;

  private TestCertificates(Path directory, Issued authority, Issued server) {
    this.directory = directory;
    this.authority = authority;
    this.server = server;
  }

  /** Makes them and writes them below {@code directory}. */
  public static TestCertificates create(Path directory) throws Exception {
    Files.createDirectories(directory);
    Issued authority = issue("CN=Test CA", null);
    Issued server = issue("CN=localhost", authority);
    Issued client = issue("CN=client.lab", authority);
    TestCertificates made = new TestCertificates(directory, authority, server);
    write(made.ca(), "CERTIFICATE", authority.certificate().getEncoded());
    write(made.certificate(), "CERTIFICATE", client.certificate().getEncoded());
    write(made.key(), "PRIVATE KEY", encoded(client.keys()));
    write(made.serverCertificate(), "CERTIFICATE", server.certificate().getEncoded());
    write(made.serverKey(), "PRIVATE KEY", encoded(server.keys()));
    return made;
  }

  /** PEM of the authority: what both sides trust. */
  public Path ca() {
    return directory.resolve("ca.pem");
  }

  /** PEM of the client's certificate. */
  public Path certificate() {
    return directory.resolve("client.pem");
  }

  /** PEM of the client's key. */
  public Path key() {
    return directory.resolve("client.key");
  }

  /** PEM of the server's certificate. */
  public Path serverCertificate() {
    return directory.resolve("server.pem");
  }

  /** PEM of the server's key. */
  public Path serverKey() {
    return directory.resolve("server.key");
  }

  /** A server's TLS, which trusts clients of the authority. */
  public SSLContext server() throws GeneralSecurityException, IOException {
    return server(server);
  }

  /** TLS of a server of the authority that is not this machine. */
  public SSLContext stranger() throws Exception {
    return server(
        issue("CN=stranger.lab", authority, new GeneralName(GeneralName.dNSName, "stranger.lab")));
  }

  private SSLContext server(Issued shown) throws GeneralSecurityException, IOException {
    KeyStore store = trusted();
    Certificate[] chain = {shown.certificate()};
    store.setKeyEntry("server", shown.keys().getPrivate(), new char[0], chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    return context(keys, store);
  }

  /** A client's TLS that trusts the authority and no other, and shows no certificate. */
  public SSLContext trusting() throws GeneralSecurityException, IOException {
    return context(null, trusted());
  }

  private KeyStore trusted() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", authority.certificate());
    return store;
  }

  private static SSLContext context(@Nullable KeyManagerFactory keys, KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Issued issue(String name, @Nullable Issued issuer)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return issue(
        name,
        issuer,
        new GeneralName(GeneralName.dNSName, "localhost"),
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.iPAddress, "::1"));
  }

  private static Issued issue(String name, @Nullable Issued issuer, GeneralName... names)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    Instant now = Instant.now();
    X500Name subject = new X500Name(name);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer == null
                ? subject
                : new X500Name(issuer.certificate().getSubjectX500Principal().getName()),
            BigInteger.valueOf(System.nanoTime()),
            Date.from(now.minus(1, ChronoUnit.DAYS)),
            Date.from(now.plus(1, ChronoUnit.DAYS)),
            subject,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    PrivateKey signer = issuer == null ? keys.getPrivate() : issuer.keys().getPrivate();
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
    return new Issued(keys, certificate);
  }

  /** PKCS 8 with the public point, which Java leaves out and GnuTLS cannot do without. */
  private static byte[] encoded(KeyPair keys) throws IOException {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded());
    SubjectPublicKeyInfo point = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
    ECPrivateKey whole =
        new ECPrivateKey(
            256,
            ECPrivateKey.getInstance(info.parsePrivateKey()).getKey(),
            point.getPublicKeyData(),
            null);
    return new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), whole).getEncoded();
  }

  private static void write(Path file, String type, byte[] content) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }
}
