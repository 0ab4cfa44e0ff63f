import Foundation
import Testing

@testable import tcpstated

/// The full-screen view without a terminal: keys and answers in, lines out.
@Suite struct TopTests {
  private static func model() throws -> TopModel {
    var model = TopModel()
    var data = TopData()
    data.status = try StatusTextTests.decode(StatusDocument.self, StatusTextTests.status)
    model.take(data)
    return model
  }

  private static func lines(_ model: inout TopModel, width: Int = 80, height: Int = 24) -> [String] {
    model.frame(width: width, height: height, palette: .plain, clock: "12:00:00")
  }

  @Test(
    arguments: [
      ("q", [.character("q")]), ("\u{1b}", [.escape]), ("\u{1b}[A", [.up]), ("\u{1b}OB", [.down]),
      ("\u{1b}[5~", [.pageUp]),
      ("\u{1b}[6~x", [.pageDown, .character("x")]), ("\r", [.enter]), ("\u{7f}", [.backspace]), ("\u{3}", [.interrupt]),
      ("aé\u{1b}[C", [.character("a"), .character("é"), .right]), ("\u{1b}[1;5A", [.up]), ("\u{1b}[99z", []),
      ("\u{1}", []),
      ("a\u{7f}b", [.character("a"), .backspace, .character("b")]), ("\u{1b}[", []),
    ] as [(String, [TopKey])]
  )
  func readsKeys(_ bytes: String, _ keys: [TopKey]) {
    #expect(TopKey.read(Array(bytes.utf8)) == keys)
  }

  @Test func readsEveryByteThereIs() {
    var noise = SystemRandomNumberGenerator()
    for length in 0..<300 { _ = TopKey.read((0..<length).map { _ in UInt8.random(in: 0...255, using: &noise) }) }
  }

  @Test(arguments: [(80, 24), (40, 10), (20, 3), (200, 60), (1, 1), (5, 2)])
  func fitsEverySize(_ width: Int, _ height: Int) throws {
    for keys in ["", "o", "p", "d", "c", "?", "/x", "j\r"] {
      var model = try Self.model()
      TopKey.read(Array(keys.utf8)).forEach { model.handle($0) }
      let lines = Self.lines(&model, width: width, height: height)
      #expect(lines.count == height)
      if width >= 20 { #expect(lines.allSatisfy { $0.count <= width }, "\(keys): \(lines)") }
    }
  }

  @Test func opensAServiceAndComesBack() throws {
    var model = try Self.model()
    model.handle(.down)
    model.handle(.enter)
    #expect(model.place.screen == .connections(filter: "dst [2001:db8::1]:443"))
    #expect(Self.lines(&model).contains { $0.hasPrefix("CONNECTIONS dst [2001:db8::1]:443") })
    model.handle(.escape)
    #expect(model.place.screen == .services)
    #expect(model.place.selected == 1)
    #expect(Self.lines(&model).contains { $0.hasPrefix("> [2001:db8::1]:443") })
  }

  @Test func sortsAndTurnsRound() throws {
    var model = try Self.model()
    func services() -> [String] { model.table?.rows.map { $0.values[0].text } ?? [] }
    let (one, other) = ("10.100.219.9:8081", "[2001:db8::1]:443")
    #expect(services() == [one, other])
    for _ in 0..<3 { model.handle(.character(">")) }
    #expect(services() == [other, one], "by TIME_WAIT of clients")
    model.handle(.character("r"))
    #expect(services() == [one, other])
    model.handle(.left)
    #expect(services() == [one, other], "by TIME_WAIT of the server")
  }

  @Test(arguments: [(0, "00:00:00"), (63_049, "17:30:49")])
  func theClockHasTwentyFourHours(_ seconds: Double, _ expected: String) throws {
    let zone = try #require(TimeZone(identifier: "UTC"))
    #expect(TopModel.clock(Date(timeIntervalSince1970: seconds), in: zone) == expected)
  }

  @Test func onAnUsualTerminalTheCauseIsSeen() throws {
    var model = try Self.model()
    let row = try #require(Self.lines(&model).first { $0.hasPrefix("> ") })
    #expect(row.contains("client_asked"), "\(row)")
  }

  @Test func showsOnlyRowsWithTheseWords() throws {
    var model = try Self.model()
    "/2001".forEach { model.handle(.character($0)) }
    #expect(Self.lines(&model).last == "Rows with: 2001_")
    model.handle(.enter)
    #expect(model.table?.rows.count == 1)
    model.handle(.escape)
    #expect(model.table?.rows.count == 2)
  }

  @Test func saysWhatIsWrongWithAFilter() throws {
    var model = try Self.model()
    "c/colour red".forEach { model.handle(.character($0)) }
    model.handle(.enter)
    #expect(Self.lines(&model).last?.contains("colour") == true)
    #expect(model.place.screen == .connections(filter: ""))
    "/state time-wait".forEach { model.handle(.character($0)) }
    model.handle(.enter)
    #expect(model.place.screen == .connections(filter: "state time-wait"))
  }

  @Test func standsStillWhenFrozen() throws {
    var model = try Self.model()
    model.handle(.character("f"))
    model.take(TopData())
    #expect(model.data.status != nil)
    #expect(Self.lines(&model)[0].contains("FROZEN"))
    model.handle(.character("f"))
    model.take(TopData())
    #expect(model.data.status == nil)
  }

  @Test func nothingThatOthersChoseReachesTheTerminal() throws {
    var model = TopModel()
    var data = TopData()
    let name = "\\u001b[2J\\n\\u202eevil"
    let json = StatusTextTests.status.replacingOccurrences(of: "web-1", with: name)
      .replacingOccurrences(of: "312 TIME_WAIT on", with: "\(name) on")
    data.status = try StatusTextTests.decode(StatusDocument.self, json)
    data.problem = "\u{1b}]0;x\u{7}"
    model.take(data)
    "/\u{202e}x".forEach { model.handle(.character($0)) }
    for line in Self.lines(&model, width: 200) {
      #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(line)")
    }
  }
}
