import ArgumentParser
import PacketDecoding

/// An argument that says which forms it has when it is given another.
protocol FormedArgument: ExpressibleByArgument {
  static var forms: String { get }
}

extension FormedArgument {
  /// What options read it with.
  @Sendable static func read(_ text: String) throws -> Self {
    guard let value = Self(argument: text) else { throw ValidationError("it is \(forms)") }
    return value
  }
}

extension Endpoint: FormedArgument {
  static var forms: String { "ADDRESS:PORT such as 127.0.0.1:11060 or [::1]:11060, with a port of at most 65535" }
}

extension DaemonURL: FormedArgument {
  static var forms: String { "http://HOST, http://HOST:PORT with a port from 1 to 65535, or unix:/PATH" }
}

extension PastTime: FormedArgument {
  static var forms: String {
    "now, today, yesterday, 2h or 3d (ago), 14:30, 2026-11-20, \"2026-11-20 14:30\", or RFC 3339 such as "
      + "2026-11-20T14:30:00Z"
  }
}

extension HistoryStep: FormedArgument {
  static var forms: String { "1s, or whole minutes, hours or days up to 7d such as 5m, 1h or 1d" }
}

extension LookBack: FormedArgument {
  static var forms: String { "a time from 1s on such as 60s, 30m, 2h, 1d or 1h30m" }
}
