internal import Reporting

/// What a request is answered with, before it is HTTP.
struct Answer: Sendable {
  var status = 200
  var contentType = "application/json"
  var body: [UInt8] = []
  /// Header fields beyond those of every answer.
  var fields: [(name: String, value: String)] = []

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
}
