import Alerting

/// Rows under titles, in columns as wide as their widest cell.
struct TextTable {
  struct Column {
    enum Alignment { case left, right }

    var title: String
    var alignment = Alignment.left

    static func left(_ title: String) -> Column { Column(title: title) }
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  /// Harmless whoever chose the text: it is escaped here.
  struct Cell: ExpressibleByStringLiteral {
    let text: String
    let style: Palette.Style

    init(_ text: String, _ style: Palette.Style = .plain) {
      self.text = SafeText.escape(text)
      self.style = style
    }

    init(stringLiteral text: String) { self.init(text) }

    init(_ number: Int?) { self.init(number.map(Figure.count) ?? "-") }
  }

  var columns: [Column]
  var rows: [[Cell]] = []
  /// A sentence below a row, by the row's index.
  var notes: [Int: String] = [:]

  init(_ columns: [Column]) {
    self.columns = columns
  }

  mutating func add(_ row: [Cell], note: String? = nil) {
    notes[rows.count] = note.map(SafeText.escape)
    rows.append(row)
  }

  /// - Parameter width: where lines are cut: the least important columns stand last.
  func lines(width: Int? = nil, palette: Palette = .plain) -> [String] {
    let widths = columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, index < $1.count ? $1[index].text.count : 0) }
    }
    let head = columns.map { Cell($0.title, .bold) }
    var lines = [line(head, widths: widths, limit: width, palette: palette)]
    for (index, row) in rows.enumerated() {
      lines.append(line(row, widths: widths, limit: width, palette: palette))
      if let note = notes[index] { lines.append("  " + note) }
    }
    return lines
  }

  private func line(_ cells: [Cell], widths: [Int], limit: Int?, palette: Palette) -> String {
    var line = ""
    var used = 0
    for (index, cell) in cells.enumerated() {
      let gap = index == 0 ? "" : "  "
      let isLast = index == cells.count - 1
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.text.count))
      let before = gap + (columns[index].alignment == .right ? padding : "")
      let after = columns[index].alignment == .left && !isLast ? padding : ""
      let room = limit.map { $0 - used - before.count } ?? Int.max
      // The cut is seen: a column that does not fit shows its beginning and an ellipsis, and ends the line.
      guard cell.text.count <= room else {
        guard room > 1 else { break }
        line += before + palette.paint(cell.text.prefix(room - 1) + "…", cell.style)
        break
      }
      line += before + palette.paint(cell.text, cell.style) + after
      used += before.count + cell.text.count + after.count
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
