import ConnectionTracking
import PacketDecoding

/// Connections that have ended and wait for their place in the order, which the last packet may still change. Beyond a
/// bound they wait in a file, sorted run by run.
struct HeldConnections: ~Copyable {
  private let bound: Int
  private var held: [ConnectionView] = []
  private var file: SpillFile?
  /// Of the file, each sorted.
  private var runs: [Range<Int>] = []

  /// - Parameter memory: bytes that may be held before the file is used.
  init(memory: Int = 256 << 20) {
    bound = max(1, memory / MemoryLayout<ConnectionView>.stride)
  }

  mutating func add(_ connection: ConnectionView) throws {
    held.append(connection)
    if held.count >= bound { try spill() }
  }

  private mutating func spill() throws {
    held.sort { $0.comesBefore($1) }
    if file == nil { file = try SpillFile() }
    let begin = runs.last?.upperBound ?? 0
    try file?.append(held)
    runs.append(begin..<(begin + held.count))
    held.removeAll(keepingCapacity: true)
  }

  /// All of them, by start and then by client.
  consuming func forEach(_ body: (ConnectionView) throws -> Void) throws {
    held.sort { $0.comesBefore($1) }
    guard let file else { return try held.forEach(body) }
    var sources = [Run(held[...])]
    for run in runs { sources.append(try Run(run, in: file)) }
    // There is a run for each 256 MB: few enough to look at each head.
    while let first = sources.indices.min(by: { sources[$0].precedes(sources[$1]) }), let head = sources[first].head {
      try body(head)
      try sources[first].drop(file)
    }
  }

  /// One sorted row, the next part of it in memory.
  private struct Run {
    private var part: ArraySlice<ConnectionView>
    private var rest: Range<Int>

    private static let partSize = 1024

    init(_ held: ArraySlice<ConnectionView>) {
      part = held
      rest = 0..<0
    }

    init(_ run: Range<Int>, in file: borrowing SpillFile) throws {
      part = []
      rest = run
      try refill(file)
    }

    var head: ConnectionView? { part.first }

    /// A run that is through comes last.
    func precedes(_ other: Run) -> Bool {
      guard let head else { return false }
      return other.head.map { head.comesBefore($0) } ?? true
    }

    mutating func drop(_ file: borrowing SpillFile) throws {
      part = part.dropFirst()
      if part.isEmpty, !rest.isEmpty { try refill(file) }
    }

    private mutating func refill(_ file: borrowing SpillFile) throws {
      let next = rest.prefix(Self.partSize)
      part = try file.read(next)[...]
      rest = next.upperBound..<rest.upperBound
    }
  }
}

extension ConnectionView {
  /// The order of a report: by start, then by client.
  func comesBefore(_ other: ConnectionView) -> Bool {
    if start != other.start { return start < other.start }
    let (own, others) = (client, other.client)
    if own != others {
      return (own.address.high, own.address.low, own.port) < (others.address.high, others.address.low, others.port)
    }
    return detail.serial < other.detail.serial
  }
}
