package io.sworn.export.testing;

import java.io.IOException;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority of its own, a server for 127.0.0.1 and a client.
 *
 * @param ca PEM of the authority
 * @param certificate PEM of the client
 * @param key PEM of the client's key
 * @param serverCertificate PEM of the server
 * @param serverKey PEM of the server's key
 * @param server context of the server, which trusts the authority
 */
public record TestCertificates(
    Path ca,
    Path certificate,
    Path key,
    Path serverCertificate,
    Path serverKey,
    SSLContext server) {

  private record Issued(KeyPair keys, X509Certificate certificate) {}

  /** Makes them in {@code directory}. */
  public static TestCertificates create(Path directory) throws Exception {
    Files.createDirectories(directory);
    Issued authority = issue("CN=Test CA", null);
    Issued serverIssued = issue("CN=localhost", authority);
    Issued client = issue("CN=client.lab", authority);
    return new TestCertificates(
        pem(directory.resolve("ca.pem"), authority.certificate()),
        pem(directory.resolve("client.pem"), client.certificate()),
        pem(
            directory.resolve("client.key"),
            new JcaPKCS8Generator(client.keys().getPrivate(), null)),
        pem(directory.resolve("server.pem"), serverIssued.certificate()),
        pem(
            directory.resolve("server.key"),
            new JcaPKCS8Generator(serverIssued.keys().getPrivate(), null)),
        context(serverIssued, authority));
  }

  private static Issued issue(String name, @org.jspecify.annotations.Nullable Issued issuer)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    // GnuTLS does not read the EC keys that Java writes: they lack the public point.
    generator.initialize(2048);
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
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "localhost"),
              new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
    KeyPair signer = issuer == null ? keys : issuer.keys();
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withRSA").build(signer.getPrivate())));
    return new Issued(keys, certificate);
  }

  private static SSLContext context(Issued server, Issued authority)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        server.keys().getPrivate(),
        new char[0],
        new Certificate[] {server.certificate()});
    store.setCertificateEntry("ca", authority.certificate());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Path pem(Path file, Object content) throws IOException {
    try (Writer out = Files.newBufferedWriter(file);
        JcaPEMWriter pem = new JcaPEMWriter(out)) {
      pem.writeObject(content);
    }
    return file;
  }
}
