import Testing

@testable import tcpstated

@Suite struct HTTPResponseTests {
  /// Feeds a text in pieces of `size`.
  static func read(_ text: String, size: Int = .max) throws -> HTTPResponse {
    var response = HTTPResponse()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(piece.count)
      try response.receive(piece)
    }
    return response
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ncontent-length:5\r\nX: y\r\n\r\nhello and more",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: t\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ])
  func readsABodyHoweverItIsCut(_ text: String) throws {
    for size in [1, 2, 3, 7, 19, 1000] {
      let response = try Self.read(text, size: size)
      #expect(response.isComplete, "in pieces of \(size)")
      #expect(response.status == 200)
      #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    }
  }

  @Test func readsUpToTheEndWithoutALength() throws {
    var response = try Self.read("HTTP/1.0 200\r\n\r\nhello")
    #expect(!response.isComplete)
    let isWhole = response.end()
    #expect(isWhole && response.body == Array("hello".utf8))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
  ])
  func knowsThatSomethingIsLacking(_ text: String) throws {
    var response = try Self.read(text)
    let isWhole = response.end()
    #expect(!isWhole)
  }

  @Test func readsAStatusWithoutABody() throws {
    let response = try Self.read("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    #expect(response.isComplete && response.status == 503 && response.reason == "Service Unavailable")
  }

  @Test(arguments: [
    ("SSH-2.0-OpenSSH_9.2\r\n", HTTPResponse.Fault.notHTTP), ("HTTP/1.1 abc\r\n\r\n", .notHTTP),
    ("HTTP/1.1\r\n\r\n", .notHTTP),
    ("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", .malformed), ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformed),
    ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", .tooLarge),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .malformed),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", .malformed),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", .malformed),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", .tooLarge),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", .malformed),
  ])
  func refusesWhatIsNone(_ text: String, _ fault: HTTPResponse.Fault) {
    #expect(throws: fault) { _ = try Self.read(text) }
    #expect(throws: fault) { _ = try Self.read(text, size: 1) }
  }

  @Test func boundsTheHead() {
    #expect(throws: HTTPResponse.Fault.tooLarge) {
      _ = try Self.read("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000), size: 4096)
    }
  }
}
