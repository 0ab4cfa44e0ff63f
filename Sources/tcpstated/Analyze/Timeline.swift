import PacketCapture
import PacketDecoding

/// Capture files as one timeline: one after the other, by their first packets.
struct Timeline {
  private let inputs: [CaptureInput]
  private var numbers: [CaptureInterface: UInt16] = [:]
  private(set) var packets = 0

  /// Opens all files, so that a wrong name is told before an hour's work.
  init(paths: [String], filter: String?) throws(CaptureError) {
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
  var names: [String] { inputs.map(\.name) }

  /// A sentence a damaged file, as far as it was read.
  var damage: [String] {
    inputs.compactMap { input in input.damage.map { "\(input.name): \($0)" } }
  }

  /// Reads everything.
  mutating func read(
    into sink: inout some FrameSink & ~Copyable,
    progress: (_ packets: Int, _ fraction: Double?) -> Void = { _, _ in }
  ) throws(CaptureError) {
    for (index, input) in inputs.enumerated() {
      var map: [UInt16] = []
      try input.begin()
      while true {
        let count = try read(input, map: &map, into: &sink)
        packets += count
        if count == 0 { break }
        progress(packets, fraction(at: index))
      }
      input.finish()
    }
  }

  /// One batch, after the interfaces that its frames refer to.
  private mutating func read(
    _ input: CaptureInput,
    map: inout [UInt16],
    into sink: inout some FrameSink & ~Copyable
  ) throws(CaptureError) -> Int {
    let count = try input.readFrames()
    declare(input.interfaces, map: &map, in: &sink)
    let known = map
    input.withFrames { octets, frames in
      for index in frames.indices {
        let frame = frames[index]
        sink.take(octets.extracting(frame.range), frame.info.renumbered(known))
      }
    }
    return count
  }

  /// The same interface in two files is one.
  private mutating func declare(
    _ interfaces: [CaptureInterface],
    map: inout [UInt16],
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
  private func fraction(at index: Int) -> Double? {
    let (read, total) = inputs[index].progress
    guard let total, total > 0 else { return nil }
    return (Double(index) + Double(read) / Double(total)) / Double(inputs.count)
  }
}

extension FrameInfo {
  fileprivate func renumbered(_ map: [UInt16]) -> FrameInfo {
    FrameInfo(timestamp: timestamp, wireLength: wireLength, interface: map[Int(interface)])
  }
}
