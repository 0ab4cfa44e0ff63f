package import ConnectionTracking

/// A count per case of an enum, as a flat table: no hashing, copied whole into a snapshot.
///
/// `Key`'s raw values are dense and begin at 0, as those of `Phase`, `Role` and the verdicts do.
package struct Counts<Key: CaseIterable & RawRepresentable & Sendable>: Sendable where Key.RawValue == UInt8 {
  private var cells: InlineArray<16, Int> = InlineArray(repeating: 0)

  package init() {}

  package subscript(key: Key) -> Int {
    // What can be asked for is in bounds: the mask tells the optimizer.
    @inline(__always) get { cells[Int(key.rawValue & 15)] }
    @inline(__always) _modify { yield &cells[Int(key.rawValue & 15)] }
  }

  package var total: Int {
    Key.allCases.reduce(0) { $0 + self[$1] }
  }

  package mutating func add(_ other: Counts) {
    for place in cells.indices { cells[place] += other.cells[place] }
  }
}

extension Counts: Equatable {
  package static func == (a: Counts, b: Counts) -> Bool {
    Key.allCases.allSatisfy { a[$0] == b[$0] }
  }
}

/// Ends by state.
package typealias PhaseCounts = Counts<Phase>
