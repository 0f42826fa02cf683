package io.sworn.database.network;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.sworn.event.ErrorCode;
import io.sworn.event.SwornException;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/** The server side of TLS: 1.3 and 1.2, nothing older, never plain text. */
final class Tls {

  private Tls() {}

  /**
   * Reads certificate chain (PEM) and private key (PEM, PKCS #8, not encrypted).
   *
   * @throws SwornException if a file cannot be read or the two do not fit
   */
  static SslContext context(Path certificateChain, Path privateKey) {
    try {
      return SslContextBuilder.forServer(certificateChain.toFile(), privateKey.toFile())
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (IllegalArgumentException | SSLException e) {
      throw new SwornException(
          ErrorCode.CONFIGURATION,
          "TLS: certificate chain "
              + certificateChain
              + " or private key "
              + privateKey
              + " cannot be used: PEM files are expected, the key in PKCS #8 without a password",
          e);
    }
  }
}
