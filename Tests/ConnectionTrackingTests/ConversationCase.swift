import Testing

/// What was said, and what must be known of it: kind, requests/answers, and facts.
struct ConversationCase: CustomTestStringConvertible, Sendable {
  var name: String
  var steps: [Dialogue.Step]
  var snapLength = Int.max
  var expected: String

  init(_ name: String, _ steps: [Dialogue.Step], snapLength: Int = .max, expect expected: String) {
    self.name = name
    self.steps = steps
    self.snapLength = snapLength
    self.expected = expected
  }

  var testDescription: String { name }

  static let get = Dialogue.Step.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
  static let ok = Dialogue.Step.server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
  static let continued = Dialogue.Step.server("HTTP/1.1 100 Continue\r\n\r\n")
  static let chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
  static let post = "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"
  static let tls13: [Dialogue.Step] = [
    .open, .clientRecords("client-hello"), .serverRecords("server-hello-13 20:1 23:800"), .clientRecords("20:1 23:53"),
  ]
  static let tls12: [Dialogue.Step] = [
    .open, .clientRecords("client-hello"), .serverRecords("server-hello-12 22:900 22:4"),
    .clientRecords("22:37 20:1 22:40"), .serverRecords("20:1 22:40"),
  ]
}
