internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import Reporting

/// What a request is answered with, before it is HTTP.
struct Answer: Sendable {
  var status = 200
  var contentType = "application/json"
  var body: [UInt8] = []
  /// Methods that are allowed, where another one was tried.
  var allow: String?
  /// Seconds after which to ask again.
  var retryAfter: Int?
  /// What a long body takes of the budget until it is written.
  var reservation: AnswerBudget.Reservation?

  static func json(_ build: (inout JSONWriter) -> Void) -> Answer {
    var json = JSONWriter()
    json.object(nil, build)
    return Answer(body: json.bytes + [UInt8(ascii: "\n")])
  }

  static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Answer {
    Answer(contentType: contentType, body: Array(text.utf8))
  }

  /// RFC 9457.
  static func problem(_ status: Int, _ title: String, _ detail: String) -> Answer {
    var answer = json { json in
      json.member("type", "about:blank")
      json.member("title", title)
      json.member("status", status)
      json.member("detail", detail)
    }
    answer.status = status
    answer.contentType = "application/problem+json"
    return answer
  }

  static let stopping = problem(503, "Service Unavailable", "the daemon is stopping")

  static var busy: Answer {
    var answer = problem(503, "Service Unavailable", "too many long listings are under way; ask for fewer, or later")
    answer.retryAfter = 1
    return answer
  }

  static var methodNotAllowed: Answer {
    var answer = problem(405, "Method Not Allowed", "only GET and HEAD")
    answer.allow = "GET, HEAD"
    return answer
  }
}

// MARK: - As HTTP

extension Answer {
  private var fields: HTTPFields {
    var fields: HTTPFields = [
      .contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
      .contentLength: String(body.count),
    ]
    fields[.allow] = allow
    fields[.retryAfter] = retryAfter.map(String.init)
    return fields
  }

  func response(isHead: Bool) -> Response {
    Response(
      status: .init(code: status),
      headers: fields,
      body: isHead ? .init() : .init(contentLength: body.count) { try await write(to: &$0) }
    )
  }

  /// In pieces, each when the client has taken those before: then what is written is what is sent.
  private func write(to writer: inout any ResponseBodyWriter) async throws {
    var rest = body[...]
    while !rest.isEmpty {
      try await writer.write(ByteBuffer(bytes: rest.prefix(Self.piece)))
      rest = rest.dropFirst(Self.piece)
    }
    try await writer.finish(nil)
    withExtendedLifetime(reservation) {}
  }

  private static let piece = 32 << 10

  /// For an answer that is given before the request is one.
  var head: HTTPResponseHead {
    let fields = fields.map { ($0.name.rawName, $0.value) }
    return HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(fields))
  }
}
