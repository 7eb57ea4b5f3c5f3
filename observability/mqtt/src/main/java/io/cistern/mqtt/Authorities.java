package io.cistern.mqtt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManagerFactory;

/** Certificates to trust, out of a PEM file. */
final class Authorities {
  private Authorities() {}

  static TrustManagerFactory read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return trusting(CertificateFactory.getInstance("X.509").generateCertificates(in), file);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "certificates '%s': the file cannot be read".formatted(file), unreadable);
    } catch (CertificateException wrong) {
      throw new IllegalArgumentException(
          "certificates '%s': not in PEM form: %s".formatted(file, wrong.getMessage()), wrong);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("this JVM cannot check certificates", impossible);
    }
  }

  private static TrustManagerFactory trusting(
      Collection<? extends Certificate> certificates, Path file)
      throws GeneralSecurityException, IOException {
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("certificates '%s': there are none".formatted(file));
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (Certificate certificate : certificates) {
      store.setCertificateEntry("authority-" + store.size(), certificate);
    }
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store);
    return trusted;
  }
}
