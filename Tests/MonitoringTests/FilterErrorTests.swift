import Testing

@testable import Monitoring

/// What a user reads when an expression is wrong: one line, with the place.
@Suite struct FilterErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var filter: String
    var message: String
    var testDescription: String { filter }

    init(_ filter: String, _ message: String) {
      self.filter = filter
      self.message = message
    }
  }

  static let terms =
    #"state, src, dst, sport, dport, host, port, net, client, server, closed-first, kind, cause, conn-state, interface, owner, "not" or "(""#
  static let states = """
    a state (established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, close-wait, last-ack, closing, listen, \
    connected, open, closed, all)
    """
  static let address = "an address such as 10.0.0.1, 10.0.0.0/8, 10.0.0.1:80 or [::1]:80"
  static let port = "a port (0 to 65535) such as :8081"

  @Test(arguments: [
    Case("colour red", #"character 1: expected \#(terms), found "colour""#),
    Case("port 80 and", #"character 12: expected \#(terms), but it ends here"#),
    Case("not", #"character 4: expected \#(terms), but it ends here"#),
    Case("or port 80", #"character 1: expected \#(terms), found "or""#),
    Case("port 80 or or port 81", #"character 12: expected \#(terms), found "or""#),
    Case("()", #"character 2: expected \#(terms), found ")""#),
    Case("(port 80", #"character 9: expected ")", but it ends here"#),
    Case("port 80)", #"character 8: expected "and", "or" or the end, found ")""#),
    Case("state", #"character 6: expected \#(states), but it ends here"#),
    Case("state tme-wait", #"character 7: expected \#(states), found "tme-wait""#),
    Case(
      "state time-wait side",
      #"character 21: expected a side (client, server, local, remote, transit), but it ends here"#
    ),
    Case("state open side me", #"character 17: expected a side (client, server, local, remote, transit), found "me""#),
    Case(
      "state open and side local",
      #"character 26: expected "state": a side says whose state is meant, as in "state time-wait side server", but it ends here"#
    ),
    Case("dport", #"character 6: expected \#(port), but it ends here"#),
    Case("dport = http", #"character 9: expected \#(port), found "http""#),
    Case("dport 65536", #"character 7: expected \#(port), found "65536""#),
    Case("dport -1", #"character 7: expected \#(port), found "-1""#),
    Case("dport +80", #"character 7: expected \#(port), found "+80""#),
    Case("dport :", #"character 7: expected \#(port), found ":""#),
    Case("sport >> 5", #"character 8: expected \#(port), found ">""#),
    Case("src", #"character 4: expected \#(address), but it ends here"#),
    Case("src 10.0.0", #"character 5: expected \#(address), found "10.0.0""#),
    Case("src 10.0.0.0/33", #"character 5: expected \#(address), found "10.0.0.0/33""#),
    Case("src 10.0.0.1:", #"character 5: expected \#(address), found "10.0.0.1:""#),
    Case("dst [::1", #"character 5: expected \#(address), found "[::1""#),
    Case("dst [::1]80", #"character 5: expected \#(address), found "[::1]80""#),
    Case("dst example.com:80", #"character 5: expected \#(address), found "example.com:80""#),
    Case(
      "net 10.0.0.0/8/8",
      #"character 5: expected a network such as 10.0.0.0/8 or 2001:db8::/32, found "10.0.0.0/8/8""#
    ),
    Case("closed-first me", #"character 14: expected client, server, simultaneous or none, found "me""#),
    Case("kind of", #"character 6: expected fin, rst, refused, expired, reused or none, found "of""#),
    Case(
      "conn-state S9",
      #"character 12: expected one of S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH, found "S9""#
    ),
    Case("owner", #"character 6: expected the name of a unit or container, or none, but it ends here"#),
    Case("interface", #"character 10: expected the name of an interface, but it ends here"#),
    Case("port 80 é €uro", #"character 9: expected \#(terms), found "é""#),
    Case("kind \u{1b}[2J", #"character 6: expected fin, rst, refused, expired, reused or none, found "\u{1b}[2J""#),
  ])
  func saysWhereAndWhat(_ line: Case) throws {
    let error = #expect(throws: FilterError.self) { _ = try ConnectionFilter(parsing: line.filter) }
    #expect(error?.description == "filter, " + line.message)
  }

  @Test func cutsALongWordShort() throws {
    let error = #expect(throws: FilterError.self) {
      _ = try ConnectionFilter(parsing: "kind " + String(repeating: "x", count: 500))
    }
    #expect(error?.description.hasSuffix("found \"" + String(repeating: "x", count: 40) + "…\"") == true)
  }

  @Test(arguments: ["(", "!", "not "])
  func boundsTheDepth(_ opening: String) throws {
    let deepest =
      String(repeating: opening, count: 63) + "port 80" + (opening == "(" ? String(repeating: ")", count: 63) : "")
    _ = try ConnectionFilter(parsing: deepest)
    let error = #expect(throws: FilterError.self) {
      _ = try ConnectionFilter(parsing: String(repeating: opening, count: 1000))
    }
    #expect(error?.expected == "at most 64 parentheses and negations in each other")
  }

  @Test func boundsTheLength() throws {
    let error = #expect(throws: FilterError.self) {
      _ = try ConnectionFilter(parsing: String(repeating: "port 80 ", count: 513))
    }
    #expect(
      error?.description == "filter, character 4097: expected a filter of at most 4096 bytes, found \"4104 bytes\""
    )
    _ = try ConnectionFilter(parsing: String(repeating: "port 80 ", count: 512))
  }

  /// Whatever comes over HTTP, there is an answer.
  @Test func answersEveryMutation() {
    let alphabet = Array("()!=<>&|: /[]*.0189 state side port dst src not or and :: 10.0.0.1 time-wait\u{0}\u{202e}é")
    var seed: UInt64 = 7
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<40 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(seed >> 33) % alphabet.count])
      }
      _ = try? ConnectionFilter(parsing: text)
    }
  }
}
