internal import PacketDecoding

/// Capture files as one timeline: one after the other, by their first packets.
package struct Timeline {
  private let inputs: [CaptureInput]
  /// The file being read.
  private var position = 0
  /// The numbers that its interfaces have in the timeline.
  private var map: [UInt16] = []
  private var numbers: [CaptureInterface: UInt16] = [:]
  package private(set) var packets = 0

  /// Frames that are read at once: between two looks at the clock.
  private static let batch = 4096

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
    }
    return false
  }

  /// One batch. An interface may be declared in the middle of it; its frames, and all after them, wait for the end of
  /// the batch, when the interface can be asked for.
  private mutating func read(
    _ input: CaptureInput,
    into sink: inout some FrameSink & ~Copyable
  ) throws(CaptureError) -> Int {
    var held = HeldFrames()
    declare(input.interfaces, in: &sink)
    let known = map
    let count = try input.read(limit: Self.batch) { frame, info in
      if held.isEmpty, Int(info.interface) < known.count {
        sink.take(frame, info.renumbered(known))
      } else {
        held.append(frame, info)
      }
    }
    guard !held.isEmpty else { return count }
    declare(input.interfaces, in: &sink)
    let all = map
    held.release { frame, info in
      if Int(info.interface) < all.count { sink.take(frame, info.renumbered(all)) }
    }
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

extension FrameInfo {
  fileprivate func renumbered(_ map: [UInt16]) -> FrameInfo {
    FrameInfo(timestamp: timestamp, wireLength: wireLength, interface: map[Int(interface)])
  }
}
