import Testing

@testable import tcpstated

@Suite struct TextTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567"), (-4321, "-4,321"),
    (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func counts(_ number: Int, _ text: String) {
    #expect(Figure.count(number) == text)
  }

  @Test(arguments: [
    (0, 0, "-"), (0, 10, "0 %"), (1, 2, "50 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (10, 10, "100 %"),
    (1, 100_000, "0.1 %"), (99_999, 100_000, "99.9 %"),
  ])
  func shares(_ part: Int, _ whole: Int, _ text: String) {
    #expect(Figure.share(part, of: whole) == text)
  }

  static var table: TextTable {
    var table = TextTable([.left("NAME"), .right("COUNT"), .left("WHAT")])
    table.add([.init("a"), .init(1), .init("first", .red)])
    table.add([.init("longer"), .init(12_345), ""], note: "and why")
    return table
  }

  @Test func alignsColumns() {
    #expect(
      Self.table.lines() == [
        "NAME     COUNT  WHAT",
        "a            1  first",
        "longer  12,345",
        "  and why",
      ]
    )
  }

  @Test func cutsLinesAtTheWidth() {
    #expect(Self.table.lines(width: 18) == ["NAME     COUNT  W…", "a            1  f…", "longer  12,345", "  and why"])
    #expect(Self.table.lines(width: 10) == ["NAME", "a", "longer  1…", "  and why"])
  }

  @Test func coloursOnlyWhenAsked() {
    let lines = Self.table.lines(palette: Palette(isOn: true))
    #expect(lines[0] == "\u{1b}[1mNAME\u{1b}[0m     \u{1b}[1mCOUNT\u{1b}[0m  \u{1b}[1mWHAT\u{1b}[0m")
    #expect(lines[1] == "a            1  \u{1b}[1;31mfirst\u{1b}[0m")
  }

  @Test func escapesWhatOthersChose() {
    var page = Page()
    page.add("host \u{1b}[2J\n")
    page.add([Page.Entry("Files", ["a\rb"])])
    var table = TextTable([.left("X")])
    table.add([.init("\u{202e}x")], note: "\u{7}")
    page.add(table)
    #expect(page.lines == [#"host \u{1b}[2J\u{a}"#, #"Files  a\u{d}b"#, "X", #"\u{202e}x"#, #"  \u{7}"#])
  }

  @Test(arguments: [
    (0, Double?.none, 0.0, "0 packets, 0 packets/s"),
    (1_500_000, 0.42, 3, "42 %, 1,500,000 packets, 500,000 packets/s"),
    (10, 1.7, 1, "100 %, 10 packets, 10 packets/s"),
  ])
  func showsProgress(_ packets: Int, _ fraction: Double?, _ seconds: Double, _ line: String) {
    #expect(Progress.line(packets: packets, fraction: fraction, seconds: seconds) == line)
  }
}
