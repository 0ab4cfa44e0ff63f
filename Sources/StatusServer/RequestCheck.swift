internal import NIOHTTP1

/// Why a request is sent away before anything looks at what it asks for.
struct Refusal: Error {
  let answer: Answer
}

/// What a head must be like to be served.
enum RequestCheck {
  /// The same request with its target in origin-form: a path and a query.
  static func plain(_ head: HTTPRequestHead) throws(Refusal) -> HTTPRequestHead {
    guard !announcesBody(head.headers) else { throw Refusal(answer: refusalOfBody(head)) }
    guard head.headers["host"].count < 2 else {
      throw Refusal(answer: .problem(400, "Bad Request", "the request names more than one Host"))
    }
    guard head.uri.first != "/", head.method == .GET || head.method == .HEAD else { return head }
    guard let (authority, target) = absolute(head.uri) else {
      throw Refusal(answer: .problem(400, "Bad Request", "the target must be a path, or an http URL"))
    }
    // RFC 9112, 3.2.2: the target's authority counts, whatever Host says.
    var plain = head
    plain.uri = target
    plain.headers.replaceOrAdd(name: "host", value: authority)
    return plain
  }

  private static func announcesBody(_ headers: HTTPHeaders) -> Bool {
    headers.contains(name: "transfer-encoding") || headers["content-length"].contains { $0 != "0" }
  }

  private static func refusalOfBody(_ head: HTTPRequestHead) -> Answer {
    head.method == .GET || head.method == .HEAD
      ? .problem(413, "Content Too Large", "a request has no body here") : .methodNotAllowed
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
