internal import NIOHTTP1

/// Why a request is sent away before anything looks at what it asks for.
struct Refusal: Error {
  let answer: Answer
}

/// A request that has no body and names one host at most, its target in origin-form: a path and a query.
struct PlainRequest: Sendable {
  let method: String
  let target: String
  let host: String?
  let accept: String
  let keepsAlive: Bool
  let isVersion1_0: Bool

  init(_ head: HTTPRequestHead) throws(Refusal) {
    method = head.method.rawValue
    accept = head.headers["accept"].joined(separator: ",")
    isVersion1_0 = head.version == .http1_0
    // What would follow an upgrade is not HTTP: the parser stops there.
    keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
    guard !Self.announcesBody(head.headers) else { throw Refusal(answer: Self.refusalOfBody(method)) }
    guard head.headers["host"].count < 2 else {
      throw Refusal(answer: .problem(400, "Bad Request", "the request names more than one Host"))
    }
    guard head.uri.first != "/", Self.isServed(method) else {
      (host, target) = (head.headers.first(name: "host"), head.uri)
      return
    }
    // RFC 9112, 3.2.2: the target's authority counts, whatever Host says.
    guard let (authority, target) = Self.absolute(head.uri) else {
      throw Refusal(answer: .problem(400, "Bad Request", "the target must be a path, or an http URL"))
    }
    (host, self.target) = (authority, target)
  }

  /// Whether there is a path that takes it.
  private static func isServed(_ method: String) -> Bool { ["GET", "HEAD", "POST", "DELETE"].contains(method) }

  private static func announcesBody(_ headers: HTTPHeaders) -> Bool {
    headers.contains(name: "transfer-encoding") || headers["content-length"].contains { $0 != "0" }
  }

  private static func refusalOfBody(_ method: String) -> Answer {
    isServed(method) ? .problem(413, "Content Too Large", "a request has no body here") : .methodNotAllowed
  }

  /// `http://HOST[:PORT][/PATH][?QUERY]`
  private static func absolute(_ uri: String) -> (authority: String, target: String)? {
    let scheme = "http://"
    guard uri.prefix(scheme.count).lowercased() == scheme else { return nil }
    let rest = uri.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let target = rest[end...]
    return (String(rest[..<end]), target.first == "/" ? String(target) : "/" + target)
  }
}

extension Answer {
  /// What does not parse.
  static func refusal(of error: HTTPParserError) -> Answer {
    switch error {
    case .headerOverflow:
      .problem(431, "Request Header Fields Too Large", "the target and the header fields are too long, or too many")
    default: .problem(400, "Bad Request", "this is not an HTTP request")
    }
  }
}
