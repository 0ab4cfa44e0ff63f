/// The rows of one screen, and where each leads.
struct TopTable {
  struct Column {
    var title: String
    var isNumber = false
  }

  struct Value {
    var text: String
    /// What is sorted by; without it the text is.
    var order: Double?
    var style = Palette.Style.plain

    init(_ text: String?, _ style: Palette.Style = .plain) {
      self.text = text ?? "-"
      self.style = style
    }

    init(_ number: Int?) {
      text = number.map(Figure.count) ?? "-"
      order = number.map(Double.init) ?? -1
    }

    init(_ text: String?, order: Double?) {
      self.text = text ?? "-"
      self.order = order ?? -1
    }
  }

  struct Row {
    var values: [Value]
    var leadsTo: TopScreen?
  }

  var columns: [Column]
  var rows: [Row]

  /// Highest first for numbers; rows that are equal keep their order.
  func sorted(by column: Int, isReversed: Bool) -> TopTable {
    guard columns.indices.contains(column) else { return self }
    let descends = columns[column].isNumber != isReversed
    var table = self
    table.rows = rows.enumerated().sorted { a, b in
      let (one, other) = (a.element.values[column], b.element.values[column])
      if let first = one.order, let second = other.order, first != second { return (first > second) == descends }
      if one.order == nil, one.text != other.text { return (one.text > other.text) == descends }
      return a.offset < b.offset
    }.map(\.element)
    return table
  }

  func matching(_ words: String) -> TopTable {
    guard !words.isEmpty else { return self }
    var table = self
    table.rows = rows.filter { row in row.values.contains { $0.text.lowercased().contains(words.lowercased()) } }
    return table
  }
}

/// What can be on the screen below the head.
enum TopScreen: Equatable {
  case services, owners, peers, destinations
  case connections(filter: String)
  case connection(ConnectionLine)
  case help

  var wanted: TopFeed.Wanted {
    switch self {
    case .services, .owners, .help, .connection: .status
    case .peers: .peers
    case .destinations: .destinations
    case .connections(let filter): .connections(filter: filter)
    }
  }
}
