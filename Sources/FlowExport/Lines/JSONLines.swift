internal import Monitoring
internal import Reporting

/// Connections as lines, and where each ends.
struct JSONLines {
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int] = []

  init(_ records: [ConnectionRecord]) {
    for record in records {
      bytes += Self.object(record)
      bytes.append(0x0A)
      ends.append(bytes.count)
    }
  }

  static func object(_ record: ConnectionRecord) -> [UInt8] {
    var json = JSONWriter()
    json.connection(nil, record)
    return json.bytes
  }

  /// How many lines are whole in the first `count` bytes.
  func lines(in count: Int) -> Int { ends.firstIndex { $0 > count } ?? ends.count }
}

/// What goes out to one descriptor that stays: the rest of a line that was written in part goes before any other.
struct LineRest {
  private var rest: ArraySlice<UInt8> = []

  /// - Parameter write: writes some; how many bytes it took, or why none.
  mutating func send(_ lines: JSONLines, _ write: (ArraySlice<UInt8>) -> Result<Int, WriteFailure>) -> Sent {
    while !rest.isEmpty {
      switch write(rest) {
      case .success(let count): rest = rest.dropFirst(count)
      case .failure(let failure): return Sent(0, failure: failure.reason)
      }
    }
    var written = 0
    while written < lines.bytes.count {
      switch write(lines.bytes[written...]) {
      case .success(let count): written += count
      case .failure(let failure):
        let whole = lines.lines(in: written)
        let isCut = written > (whole > 0 ? lines.ends[whole - 1] : 0)
        if isCut { rest = lines.bytes[written..<lines.ends[whole]] }
        return Sent(isCut ? whole + 1 : whole, failure: failure.reason)
      }
    }
    return Sent(lines.ends.count)
  }
}

struct WriteFailure: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }

  /// What the last system call said.
  static var system: WriteFailure { WriteFailure(SystemWords.last) }
}
