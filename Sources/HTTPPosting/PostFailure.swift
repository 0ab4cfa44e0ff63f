internal import NIOCore
internal import NIOSSL

/// Why nothing came back, as words, without what was sent.
package struct PostFailure: Error, Equatable {
  package let reason: String

  package init(_ reason: String) {
    self.reason = reason
  }

  /// A server may end an idle connection just when a request is sent: then nobody took it.
  static let closedBeforeAnswer = PostFailure("the connection was closed before the answer")

  init(_ error: any Error) {
    switch error {
    case let failure as PostFailure: self = failure
    case let failure as IOError: self.init(failure.description)
    case ChannelError.connectTimeout: self.init("no connection within 5 s")
    case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed: self = .closedBeforeAnswer
    case is NIOSSLError, is BoringSSLError: self.init(Self.tlsWords(for: "\(error)"))
    case is NIOSSLExtraError: self.init("TLS: its certificate is for another host")
    default: self.init("\(error)")
    }
  }

  private static func tlsWords(for text: String) -> String {
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return "TLS: its certificate is not trusted" }
    if text.contains("WRONG_VERSION_NUMBER") { return "TLS: it does not speak it" }
    if text.contains("uncleanShutdown") { return "TLS: the connection was cut" }
    return "TLS: \(text.prefix(200))"
  }
}
