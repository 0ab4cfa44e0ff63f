internal import NIOCore
internal import NIOSSL

extension DeliveryFailure {
  /// What went wrong, without what was sent.
  static func words(for error: any Error) -> String {
    switch error {
    case let failure as DeliveryFailure: failure.description
    case let failure as IOError: failure.description
    case let failure as ChannelError: words(for: failure)
    case is NIOSSLError, is BoringSSLError: tlsWords(for: "\(error)")
    case is NIOSSLExtraError: "TLS: its certificate is for another host"
    default: "\(error)"
    }
  }

  private static func words(for error: ChannelError) -> String {
    switch error {
    case .connectTimeout: "no connection within 5 s"
    default: "\(error)"
    }
  }

  private static func tlsWords(for text: String) -> String {
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return "TLS: its certificate is not trusted" }
    if text.contains("WRONG_VERSION_NUMBER") { return "TLS: it does not speak it" }
    if text.contains("uncleanShutdown") { return "TLS: the connection was cut" }
    return "TLS: \(text.prefix(200))"
  }
}
