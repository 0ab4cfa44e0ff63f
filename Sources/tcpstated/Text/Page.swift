import Alerting

/// A report on its way to the reader: sections with a blank line between them. What others chose is escaped here.
struct Page {
  private(set) var lines: [String] = []
  let width: Int?
  let palette: Palette

  init(width: Int? = nil, palette: Palette = .plain) {
    self.width = width
    self.palette = palette
  }

  static var forStandardOutput: Page {
    Page(width: Console.width, palette: .forStandardOutput)
  }

  mutating func add(_ line: String, _ style: Palette.Style = .plain) {
    lines.append(palette.paint(SafeText.escape(line), style))
  }

  /// One line in pieces of their own colour.
  mutating func add(_ pieces: [(text: String, style: Palette.Style)]) {
    lines.append(pieces.map { palette.paint(SafeText.escape($0.text), $0.style) }.joined())
  }

  mutating func add(_ table: TextTable) {
    lines += table.lines(width: width, palette: palette)
  }

  mutating func gap() {
    if lines.last?.isEmpty == false { lines.append("") }
  }

  /// Lines that belong under one word: `Closed first  server 12 (80 %)`.
  mutating func add(_ entries: [Entry]) {
    let column = entries.reduce(0) { max($0, $1.name.count) } + 2
    for entry in entries {
      for (index, value) in entry.values.enumerated() {
        let name = index == 0 ? entry.name : ""
        let padding = String(repeating: " ", count: column - name.count)
        lines.append(palette.paint(name, .bold) + padding + palette.paint(SafeText.escape(value), entry.style))
      }
    }
  }

  struct Entry {
    var name: String
    var values: [String]
    var style = Palette.Style.plain

    init(_ name: String, _ values: [String], _ style: Palette.Style = .plain) {
      self.name = name
      self.values = values
      self.style = style
    }
  }
}
