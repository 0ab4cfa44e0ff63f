internal import Glibc
internal import NIOCore
package import PacketDecoding

/// Where the server listens.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
  case tcp(Endpoint)
  case unix(path: String)

  package var description: String {
    switch self {
    case .tcp(let endpoint): endpoint.description
    case .unix(let path): path
    }
  }

  /// As the commands take it.
  package var url: String {
    switch self {
    case .tcp(let endpoint): "http://\(endpoint)"
    case .unix(let path): "unix:\(path)"
    }
  }

  package var endpoint: Endpoint? {
    switch self {
    case .tcp(let endpoint): endpoint
    case .unix: nil
    }
  }
}

/// Why nothing listens.
package struct ListenFailure: Error, Equatable, CustomStringConvertible {
  package let address: ListenAddress
  package let reason: String

  init(_ address: ListenAddress, reason: String) {
    self.address = address
    self.reason = reason
  }

  /// - Parameter setting: what chooses another address.
  init(_ address: ListenAddress, _ error: any Error, setting: String) {
    self.address = address
    let code = (error as? IOError)?.errnoCode
    reason =
      switch (address, code) {
      case (.tcp, EADDRINUSE): "the port is in use; stop what uses it, or choose another with \(setting)"
      case (_, let code?): SystemMessage.text(code)
      case (_, nil): "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      }
  }

  package var description: String { "cannot listen on \(address): \(reason)" }
}

/// What an errno value says.
enum SystemMessage {
  static func text(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
        return "error \(code)"
      }
      return unsafe String(cString: start).lowercased()
    }
  }
}
