internal import PacketDecoding

/// Capture files as one timeline: one after the other, by their first packets.
package struct Timeline {
  private let inputs: [CaptureInput]
  /// The file being read.
  private var position = 0
  /// The numbers that its interfaces have in the timeline.
  private var map: [UInt16] = []
  /// They are the same as in the file.
  private var isInOrder = true
  private var numbers: [CaptureInterface: UInt16] = [:]
  package private(set) var packets = 0

  /// Opens all files, so that a wrong name is told before an hour's work.
  package init(paths: [String], filter: String? = nil) throws(CaptureError) {
    var inputs: [CaptureInput] = []
    for path in paths {
      inputs.append(try CaptureInput(path: path, filter: filter, peeks: paths.count > 1))
    }
    self.inputs = inputs.enumerated().sorted { a, b in
      Self.order(a.element.first, a.offset) < Self.order(b.element.first, b.offset)
    }.map(\.element)
  }

  /// Files without packets change nothing, wherever they stand.
  private static func order(_ first: Timestamp?, _ offset: Int) -> (Int64, Int) {
    (first?.nanoseconds ?? .max, offset)
  }

  /// For messages, in order.
  package var names: [String] { inputs.map(\.name) }

  /// A sentence a damaged file, as far as it was read.
  package var damage: [String] {
    inputs.compactMap { input in input.damage.map { "\(input.name): \($0)" } }
  }

  /// A sentence for each file in which something was passed over, without a loss.
  package var remarks: [String] {
    inputs.compactMap { input in input.remark.map { "\(input.name): \($0)" } }
  }

  /// Reads everything.
  package mutating func read(
    into sink: inout some FrameSink & ~Copyable,
    progress: (_ packets: Int, _ fraction: Double?) -> Void = { _, _ in }
  ) throws(CaptureError) {
    while try readBatch(into: &sink) { progress(packets, fraction) }
  }

  /// Reads the next frames, so many that there is time for other things between two calls.
  ///
  /// - Returns: false when all files are at their ends.
  package mutating func readBatch(into sink: inout some FrameSink & ~Copyable) throws(CaptureError) -> Bool {
    while position < inputs.count {
      let input = inputs[position]
      try input.begin()
      let count = try read(input, into: &sink)
      packets += count
      if count > 0 { return true }
      input.finish()
      position += 1
      map = []
      isInOrder = true
    }
    return false
  }

  /// One batch, after the interfaces that its frames refer to.
  private mutating func read(
    _ input: CaptureInput,
    into sink: inout some FrameSink & ~Copyable
  ) throws(CaptureError) -> Int {
    let count = try input.readFrames()
    if input.interfaceCount > map.count { declare(input.interfaces, in: &sink) }
    if !isInOrder { input.renumber(map) }
    input.withFrames { octets, frames in sink.take(octets, frames) }
    return count
  }

  /// The same interface in two files is one.
  private mutating func declare(
    _ interfaces: [CaptureInterface],
    in sink: inout some FrameSink & ~Copyable
  ) {
    for interface in interfaces.dropFirst(map.count) {
      let known = numbers[interface]
      let number = known ?? UInt16(truncatingIfNeeded: numbers.count)
      if known == nil {
        numbers[interface] = number
        sink.declare(interface)
      }
      isInOrder = isInOrder && map.count == number
      map.append(number)
    }
  }

  /// Of the files as if they were all of a size: those that come later are not open.
  package var fraction: Double? {
    guard position < inputs.count else { return 1 }
    let (read, total) = inputs[position].progress
    guard let total, total > 0 else { return nil }
    return (Double(position) + Double(read) / Double(total)) / Double(inputs.count)
  }
}
