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
  /// Further header fields.
  var fields: [(name: String, value: String)] = []
  /// With it the body does not end: events are sent as they come.
  var place: EventFeed.Place?
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

  static func following(_ place: EventFeed.Place) -> Answer {
    Answer(contentType: "text/event-stream", place: place)
  }

  static let stopping = problem(503, "Service Unavailable", "the daemon is stopping")

  static var busy: Answer {
    var answer = problem(503, "Service Unavailable", "too many clients ask for much at once; ask for less, or later")
    answer.retryAfter = 1
    return answer
  }

  static var methodNotAllowed: Answer { methodNotAllowed(besides: []) }

  static func methodNotAllowed(besides others: [String]) -> Answer {
    let methods = ["GET", "HEAD"] + others
    var answer = problem(
      405,
      "Method Not Allowed",
      "only \(methods.dropLast().joined(separator: ", ")) and \(methods[methods.count - 1])"
    )
    answer.allow = methods.joined(separator: ", ")
    return answer
  }
}

// MARK: - As HTTP

extension Answer {
  /// - Parameter request: nil when there was none that could be understood; then it is the last answer.
  func head(for request: PlainRequest?) -> HTTPResponseHead {
    var fields: HTTPHeaders = [
      "Content-Type": contentType, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    ]
    // A body without an end comes in chunks.
    if place == nil { fields.add(name: "Content-Length", value: String(body.count)) }
    for field in self.fields { fields.add(name: field.name, value: field.value) }
    if let allow { fields.add(name: "Allow", value: allow) }
    if let retryAfter { fields.add(name: "Retry-After", value: String(retryAfter)) }
    if request?.keepsAlive != true {
      fields.add(name: "Connection", value: "close")
    } else if request?.isVersion1_0 == true {
      fields.add(name: "Connection", value: "keep-alive")
    }
    return HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
  }
}
