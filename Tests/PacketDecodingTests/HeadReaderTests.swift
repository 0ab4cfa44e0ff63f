import TestNumbers
import Testing

@testable import PacketDecoding

/// A head, in as many payloads as there are strings, and what is read of it.
struct HeadCase: CustomTestStringConvertible, Sendable {
  var payloads: [String]
  var expected: String

  init(_ payloads: String..., expect expected: String) {
    self.payloads = payloads
    self.expected = expected
  }

  var testDescription: String { payloads.joined(separator: "|").debugDescription }

  static let get = "GET / HTTP/1.1\r\n"
  static let ok = "HTTP/1.1 200 OK\r\n"

  static let all: [HeadCase] = [
    HeadCase(get + "Host: a\r\n\r\n", expect: "get none"),
    HeadCase("GET / HTTP/1.0\r\n\r\n", expect: "get 1.0 none"),
    HeadCase("get / http/1.1\r\nCONNECTION: Close\r\n\r\n", expect: "get close none"),
    HeadCase(get + "Connection: close\r\n\r\nBODY", expect: "get close none +4"),
    HeadCase(get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n", expect: "get upgrade h2c none"),
    HeadCase(
      get + "Connection:keep-alive ,\tUPGRADE\r\nUpgrade: WebSocket/13\r\n\r\n",
      expect: "get keep-alive upgrade websocket none"
    ),
    HeadCase(get + "Connection: x,\r\n close\r\n\r\n", expect: "get close none"),
    HeadCase(get + "Connection: x\r\n\tclose\r\n\r\n", expect: "get none"),
    HeadCase(get + "X: Connection: close\r\n folded: close\r\n\r\n", expect: "get none"),
    HeadCase(get + "Connectio: close\r\nXConnection: close\r\n\r\n", expect: "get none"),
    HeadCase(get + "Con nection: close\r\nConnection x: close\r\nConnection\u{B}: close\r\n\r\n", expect: "get none"),
    HeadCase(get + "Keep\rAlive: max=3\r\nContent\rLength: 5\r\nCONTENT-LENGTH:5 \r\n\r\n", expect: "get length(5)"),
    HeadCase(get + "Connection\nUser-Agent: x\r\nExpect:100-continue\r\n\r\n", expect: "get continue none"),
    HeadCase(get + "Connection: closed\r\n\r\n", expect: "get none"),
    HeadCase(get + "no colon here\r\nConnection : close\r\n\r\n", expect: "get close none"),
    HeadCase("GET / HTTP/1.1\nConnection: close\n\n", expect: "get close none"),
    HeadCase("\r\n\r\nGET / HTTP/1.1\r\n\r\n", expect: "get none"),
    HeadCase("GET /a b c HTTP/1.1\r\n\r\n", expect: "get none"),
    HeadCase("POST / HTTP/1.1\r\nContent-Length: 42\r\n\r\n", expect: "post length(42)"),
    HeadCase("POST / HTTP/1.1\r\ncontent-length:42\r\nContent-Length: 42\r\n\r\n", expect: "post length(42)"),
    HeadCase("POST / HTTP/1.1\r\nContent-Length: 42, 42\r\n\r\n", expect: "post length(42)"),
    HeadCase("POST / HTTP/1.1\r\nContent-Length: 42\r\nContent-Length: 43\r\n\r\n", expect: "post invalid"),
    HeadCase("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", expect: "post invalid"),
    HeadCase(
      "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      expect: "post length(18446744073709551615)"
    ),
    HeadCase("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n", expect: "put chunked"),
    HeadCase("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", expect: "put invalid"),
    HeadCase("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", expect: "post continue length(1)"),
    HeadCase("PROPFIND / HTTP/1.1\r\n\r\n", expect: "other none"),
    HeadCase("HEAD /1234567 HTTP/1.1\r\n\r\n", expect: "head none"),
    HeadCase("GET  HTTP/1.1\r\n\r\n", expect: "get none"),
    HeadCase(String(repeating: "\r\n", count: 11) + "GET / HTTP/1.1\r\n\r\n", expect: "not a head"),
    HeadCase("M-SEARCH * HTTP/1.1\r\n\r\n", expect: "other none"),
    HeadCase("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", expect: "other preface none +6"),
    HeadCase("PRI * HTTP/1.1\r\n\r\n", expect: "other none"),
    HeadCase(ok + "Content-Length: 0\r\n\r\n", expect: "200 length(0)"),
    HeadCase(ok + "\r\n", expect: "200 untilClose"),
    HeadCase("HTTP/1.1 200\r\n\r\n", expect: "200 untilClose"),
    HeadCase(
      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 7\r\n\r\n",
      expect: "200 1.0 keep-alive length(7)"
    ),
    HeadCase("HTTP/1.1 204 No Content\r\n\r\n", expect: "204 none"),
    HeadCase("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", expect: "304 none"),
    HeadCase(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      expect: "101 upgrade websocket none"
    ),
    HeadCase(ok + "Transfer-Encoding: Chunked\r\n\r\n", expect: "200 chunked"),
    HeadCase(ok + "Transfer-Encoding: chunked;q=1\r\n\r\n", expect: "200 chunked"),
    HeadCase(ok + "Transfer-Encoding: gzip\r\n\r\n", expect: "200 untilClose"),
    HeadCase(ok + "Keep-Alive: timeout=5, max=100\r\n\r\n", expect: "200 timeout=5 max=100 untilClose"),
    HeadCase(ok + "Keep-Alive: timeout = \"15\"\r\n\r\n", expect: "200 timeout=15 untilClose"),
    HeadCase(ok + "keep-alive: MAX=0\r\n\r\n", expect: "200 max=0 untilClose"),
    HeadCase(ok + "Keep-Alive: timeout, 300, max\r\n\r\n", expect: "200 untilClose"),
    HeadCase(ok + "Keep-Alive: timeout=99999999999999999999\r\n\r\n", expect: "200 timeout=65535 untilClose"),
    // Stopped.
    HeadCase("", expect: "partial"),
    HeadCase("GET", expect: "partial"),
    HeadCase("GET /a/very/long/path", expect: "partial plausible"),
    HeadCase("PROPFIND /a/very/long/path", expect: "partial"),
    HeadCase(get + "Connection: close\r\nHost: ", expect: "partial plausible close"),
    HeadCase(get + "Connection: clo", expect: "partial plausible"),
    // Resumed.
    HeadCase("G", "ET / HTT", "P/1.1\r", "\nConnect", "ion: clo", "se\r\n\r", "\n", expect: "get close none"),
    HeadCase(
      ok + "Keep-Alive: timeo",
      "ut=7",
      "5\r\nContent-Length: 1",
      "0\r\n\r\nbody",
      expect: "200 timeout=75 length(10) +4"
    ),
    // Something else.
    HeadCase("\u{16}\u{3}\u{1}", expect: "not a head"),
    HeadCase("EHLO example.com\r\n", expect: "not a head"),
    HeadCase("*1\r\n$4\r\nPING\r\n", expect: "not a head"),
    HeadCase("SSH-2.0-OpenSSH_9.2\r\n", expect: "not a head"),
    HeadCase("GET /\r\n", expect: "not a head"),
    HeadCase("GET / HTTP/1.1 \r\n\r\n", expect: "not a head"),
    HeadCase("HTTP/2 200\r\n", expect: "not a head"),
    HeadCase("HTTP/1.1 2000 OK\r\n", expect: "not a head"),
    HeadCase("HTTP/1.1 20\r\n", expect: "not a head"),
    HeadCase("HTTP/1.1 099\r\n", expect: "not a head"),
    HeadCase("ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n", expect: "not a head"),
  ]
}

extension HeadCase {
  /// What clients and servers send.
  static let usual = [
    get + "Host: example.test\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n"
      + "Cookie: a=b; c=d\r\nContent-Type: text/html\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
      + "TE: trailers\r\nPriority: u=0\r\n\r\n",
    ok + "Server: nginx\r\nCache-Control: no-cache\r\nETag: \"1\"\r\nExpires: 0\r\nContent-Length: 12345\r\n"
      + "Connection: close\r\nKeep-Alive: timeout=5, max=100\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST /a?b=c HTTP/1.1\r\ncontent-length: 1844674407370955161\r\nExpect: 100-continue\r\n"
      + "upgrade: websocket\r\nConnection: Keep-Alive\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nContent-Length: 0\r\nKeep-Alive: timeout=15\r\n"
      + "Content-Encoding: gzip\r\nTransfer-Encoding: gzip, chunked\r\nConnection: keep-alive, Upgrade\r\n\r\n",
    "DELETE /items/42?because=nobody-wants-it-any-more HTTP/1.0\r\nConnection: close\r\n fold\r\n"
      + "Content-Length: 7\r\n\t7\r\nUpgrade: h2c\r\nConnected: close\r\nKeep-Alive: timeout=70000, max=70000\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nExpect-CT: x\r\nTransfer-Encodin: chunked\r\nContent-Lengths: 5\r\nConnections: close\r\n\r\n",
    "PATCH /x HTTP/1.1\r\nConnection:close\r\nContent-Length:  5\r\nTransfer-Encoding: chunked \r\n\r\n5\r\nhello",
  ]
}

struct HeadReaderTests {
  @Test(arguments: HeadCase.all)
  func reads(head: HeadCase) {
    #expect(summary(of: head.payloads.map { Array($0.utf8) }) == head.expected)
  }

  /// However a head is split, the same is read.
  @Test(arguments: HeadCase.all)
  func splitAnywhere(head: HeadCase) {
    let whole = Array(head.payloads.joined().utf8)
    let expected = summary(of: [whole])
    for middle in whole.indices {
      #expect(summary(of: [Array(whole[..<middle]), Array(whole[middle...])]) == expected, "split at \(middle)")
    }
    #expect(summary(of: whole.map { [$0] }) == expected)
  }

  /// What is read by lines is what is read by octets, wherever the segment ends.
  @Test(arguments: HeadCase.usual)
  func usualAnywhere(head: String) {
    // Of one segment all is read at once.
    let whole = Array(head.utf8) + Array(repeating: 0x0A, count: 70)
    let expected = summary(of: whole.map { [$0] })
    for middle in whole.indices {
      #expect(summary(of: [Array(whole[..<middle]), Array(whole[middle...])]) == expected, "split at \(middle)")
      let parts = whole[..<middle].map { [$0] } + [Array(whole[middle...])]
      #expect(summary(of: parts) == expected, "by octets up to \(middle)")
    }
  }

  @Test(arguments: [
    (Word.connect, "connect"), (Word.delete, "delete"), (Word.get, "get"), (Word.head, "head"),
    (Word.options, "options"), (Word.patch, "patch"), (Word.post, "post"), (Word.pri, "pri"), (Word.put, "put"),
    (Word.trace, "trace"), (Word.http, "http"), (Word.version10, "1.0"), (Word.version11, "1.1"),
    (Word.http10, "http/1.0"), (Word.http11, "http/1.1"), (Word.http20, "http/2.0"), (Word.connection, "connection"),
    (Word.contentLength, "content-length"), (Word.expect, "expect"), (Word.keepAlive, "keep-alive"),
    (Word.transferEncoding, "transfer-encoding"), (Word.upgrade, "upgrade"), (Word.close, "close"),
    (Word.chunked, "chunked"), (Word.h2c, "h2c"), (Word.webSocket, "websocket"), (Word.continue100, "100-continue"),
    (Word.maxParameter, "max="), (Word.timeoutParameter, "timeout="),
  ])
  func hash(constant: UInt32, word: String) {
    var hash = WordHash()
    for octet in word.utf8 { hash.add(octet) }
    #expect(hash.value == constant)
  }

  @Test(arguments: [
    (Stride.get, "GET "), (Stride.put, "PUT "), (Stride.head, "HEAD "), (Stride.post, "POST "),
    (Stride.http, "HTTP"), (Stride.http11, "HTTP/1.1"), (UInt64(Stride.lineEnd), "\r\n"), (Stride.expect, "expect"),
    (Stride.upgrade, "upgrade"), (Stride.connecti, "connecti"), (Stride.nnection, "nnection"),
    (Stride.keepAli, "keep-ali"), (Stride.epAlive, "ep-alive"), (Stride.content, "content-"),
    (Stride.tLength, "t-length"), (Stride.transfer, "transfer"), (Stride.encodin, "-encodin"),
    (Stride.patch, "PATCH "), (Stride.delete, "DELETE "), (Stride.options, "OPTIONS "),
    (UInt64(Stride.colonSpace), ": "), (Stride.closeValue, ": close\r"), (Stride.keepAValue, ": keep-a"),
    (Stride.aliveEnd, "-alive\r\n"), (Stride.timeouValue, ": timeou"), (Stride.timeoutIs, "timeout="),
    (Stride.commaMaxIs, ", max="), (Stride.gChunk, "g: chunk"), (Stride.chunkedEnd, "chunked\r"),
    (UInt64(Stride.conn), "conn"), (UInt64(Stride.cont), "cont"), (UInt64(Stride.expe), "expe"),
    (UInt64(Stride.keep), "keep"), (UInt64(Stride.tran), "tran"), (UInt64(Stride.upgr), "upgr"),
    (Stride.lowerCase, "        "), (UInt64(Stride.lowerCase4), "    "),
  ])
  func stride(constant: UInt64, octets: String) {
    #expect(octets.utf8.reduce(0) { $0 << 8 | UInt64($1) } == constant)
  }

  @Test
  func methodsDecideOnBodies() {
    let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)
    var reader = HeadReader()
    var offset = 0
    #expect(read(head, &reader, &offset) == .complete)
    #expect(reader.head.framing(answering: .get) == .length(5))
    #expect(reader.head.framing(answering: .head) == .none)
    #expect(reader.head.framing(answering: .connect) == .none)
  }

  /// Where `usualBodyLength` says something, `framing` says the same of whatever is answered but HEAD and CONNECT.
  @Test
  func usualBodyLengths() {
    var usual = 0
    for facts in (0...UInt16.max).lazy.map(HeadFacts.init(rawValue:)) {
      for status: UInt16 in [0, 100, 101, 199, 200, 204, 205, 299, 304, 404, 999] {
        for length: UInt64 in [0, 5] {
          var head = MessageHead()
          (head.facts, head.status, head.contentLength) = (facts, status, facts.hasContentLength ? length : 0)
          guard let said = head.usualBodyLength else { continue }
          usual += 1
          #expect(!facts.isHTTP2Preface && status != 101)
          for method: HTTPMethod? in [nil, .get, .post, .other] {
            let framing = head.framing(answering: method)
            #expect(framing == .length(said) || framing == .none && said == 0)
          }
        }
      }
    }
    #expect(usual > 0)
  }

  /// A trap ends the test run.
  @Test
  func mutatedHeads() {
    var random = SplitMix(state: 5)
    let heads = HeadCase.all.map { Array($0.payloads.joined().utf8) }.filter { !$0.isEmpty }
    var complete = 0
    for round in 0..<100_000 {
      var head = heads[round % heads.count]
      for _ in 0..<random.below(4) { head[random.below(head.count)] = UInt8(random.below(256)) }
      let middle = random.below(head.count)
      var reader = HeadReader()
      var offset = 0
      guard read(Array(head[..<middle]), &reader, &offset) == .partial else { continue }
      offset = 0
      if read(Array(head[middle...]), &reader, &offset) == .complete { complete += 1 }
      _ = reader.head.framing()
    }
    #expect(complete > 10_000)
  }

  /// What is read several octets at a time is what is read one by one, of heads that are nearly right as well.
  @Test
  func mutatedHeadsAtOnce() {
    var random = SplitMix(state: 9)
    let texts = HeadCase.all.map { $0.payloads.joined() } + HeadCase.usual
    let heads = texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
    let odd = Array("\r\n :\t-,cekutCEKUT09\u{B}\u{7F}\u{0}".utf8)
    for round in 0..<20_000 {
      var head = heads[round % heads.count]
      for _ in 0..<random.below(3) {
        let place = random.below(head.count)
        switch random.below(3) {
        case 0: head[place] = odd[random.below(odd.count)]
        case 1: head.insert(odd[random.below(odd.count)], at: place)
        default: if head.count > 1 { head.remove(at: place) }
        }
      }
      let middle = random.below(head.count)
      let expected = summary(of: head.map { [$0] })
      #expect(summary(of: [head]) == expected, "\(String(decoding: head, as: UTF8.self).debugDescription)")
      #expect(summary(of: [Array(head[..<middle]), Array(head[middle...])]) == expected)
    }
  }

  @Test("A status is three digits, whatever octets stand around and in place of them", arguments: UInt8.min...UInt8.max)
  func statusesAreDigits(octet: UInt8) {
    let edges: [UInt8] = [0x2F, 0x30, 0x31, 0x39, 0x3A, 0xCF, 0xFF]
    var wrong = 0
    for (first, second) in edges.flatMap({ first in edges.map { (first, $0) } }) {
      for status in [[octet, first, second], [first, octet, second], [first, second, octet]] {
        let head = Array("HTTP/1.1 ".utf8) + status + Array(" OK\r\nServer: nginx\r\n\r\n".utf8)
        if summary(of: [head]) != summary(of: head.map { [$0] }) { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  private func read(_ octets: [UInt8], _ reader: inout HeadReader, _ offset: inout Int) -> HeadReader.Progress {
    // The array outlives the call.
    unsafe reader.read(octets.span.bytes, from: &offset)
  }

  private func summary(of payloads: [[UInt8]]) -> String {
    var reader = HeadReader()
    for (index, payload) in payloads.enumerated() {
      var offset = 0
      switch read(payload, &reader, &offset) {
      case .notAHead: return "not a head"
      case .partial: continue
      case .complete:
        let rest = payload.count - offset + payloads[(index + 1)...].reduce(0) { $0 + $1.count }
        let words = [reader.head.summary, "\(reader.head.framing())"] + (rest > 0 ? ["+\(rest)"] : [])
        return words.joined(separator: " ")
      }
    }
    let words = ["partial"] + (reader.isPlausible ? ["plausible"] : []) + reader.head.factWords
    return words.joined(separator: " ")
  }
}

extension MessageHead {
  fileprivate var summary: String {
    ([isRequest ? "\(method)" : "\(status)"] + factWords).joined(separator: " ")
  }

  fileprivate var factWords: [String] {
    let words: [(Bool, String)] = [
      (facts.isHTTP10, "1.0"), (facts.asksClose, "close"), (facts.asksKeepAlive, "keep-alive"),
      (facts.asksUpgrade, "upgrade"), (facts.namesWebSocket, "websocket"), (facts.namesH2C, "h2c"),
      (facts.expectsContinue, "continue"), (facts.hasKeepAliveTimeout, "timeout=\(keepAliveTimeout)"),
      (facts.hasKeepAliveMaximum, "max=\(keepAliveMaximum)"), (facts.isHTTP2Preface, "preface"),
    ]
    return words.filter(\.0).map(\.1)
  }
}
