internal import NIOSSL

/// How servers are told to be who they say: always, against the system's certificates or those of a file.
enum Trust {
  /// - Throws: why the certificates cannot be used, as one line.
  static func context(certificates: String?) throws(PostFailure) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    if let certificates {
      do {
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates))
      } catch {
        throw PostFailure("cannot read certificates (PEM) in \(certificates)")
      }
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw PostFailure("TLS cannot be set up: \(error)")
    }
  }
}
