/// The text format of Prometheus, 0.0.4, family by family.
struct Exposition {
  enum Kind: String {
    case gauge, counter
  }

  typealias Label = (name: String, value: String)

  private(set) var text = ""

  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ body: (inout Family) -> Void) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    var family = Family()
    body(&family)
    for (labels, value) in family.samples { text += "\(name)\(labels) \(value)\n" }
  }

  mutating func sample(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    family(name, kind, help) { $0.add(value) }
  }

  /// Samples in the order of their first word; a series that is spoken of twice is their sum, as no scraper takes two.
  struct Family {
    private(set) var samples: [(labels: String, value: Int)] = []
    private var positions: [String: Int] = [:]

    mutating func add(_ value: Int, _ labels: Label...) { add(value, labels) }

    mutating func add(_ value: Int, _ labels: [Label]) {
      let pairs = labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",")
      let series = pairs.isEmpty ? "" : "{\(pairs)}"
      if let position = positions[series] {
        samples[position].value += value
      } else {
        positions[series] = samples.count
        samples.append((series, value))
      }
    }

    private static func escape(_ value: String) -> String {
      value.unicodeScalars.reduce(into: "") { text, scalar in
        switch scalar {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(scalar)
        }
      }
    }
  }
}
