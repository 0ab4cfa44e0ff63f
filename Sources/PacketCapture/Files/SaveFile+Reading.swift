internal import PacketDecoding

extension SaveFile {
  /// Reads the file's header and decides on the format.
  /// - Returns: the parser of a pcap file; nil for pcapng, whose header is a block like the others.
  static func readHeader(_ input: inout InputBuffer, path: String) throws(CaptureError) -> PcapParser? {
    guard input.fill(4) else {
      throw .notACapture(path: path, reason: input.failure ?? (input.availableCount == 0 ? "it is empty" : "it is cut"))
    }
    switch input.withAvailable({ FileFormat(head: $0) }) {
    case .pcapng: return nil
    case .other(let what): throw .notACapture(path: path, reason: what)
    case .pcap: break
    }
    guard input.fill(PcapParser.headerLength) else {
      throw .notACapture(path: path, reason: input.failure ?? "it ends inside the header")
    }
    let header = input.withAvailable { bytes in
      Result { () throws(PcapParser.HeaderFault) in try PcapParser(header: bytes) }
    }
    input.consume(PcapParser.headerLength)
    do {
      return try header.get()
    } catch {
      throw .notACapture(path: path, reason: error.description)
    }
  }

  /// Notes the next frames, at most `limit`; with 0 it looks at what comes before the next packet.
  /// - Returns: how many were read, those that the filter passed over included; 0 at the end, or at the damage.
  mutating func advance(limit: Int) throws(CaptureError) -> Int {
    input.consume(handedOver)
    handedOver = 0
    frameCount = 0
    while damage == nil {
      let step = Self.parse(input, pcap, &pcapng, &records, limit: min(limit, records.count))
      handedOver = step.consumed
      frameCount = step.frames
      switch step.next {
      case .limit: break
      case .interface: if expression != nil { try addFilters(for: pcapng.interfaces[filters.count...]) }
      case .damage(let reason): note(reason, at: input.position + UInt64(step.consumed))
      // What is at hand goes out first: the rest may be long in coming.
      case .needs, .skip:
        guard step.frames == 0 else { break }
        input.consume(step.consumed)
        handedOver = 0
        if !supply(step.next) { return 0 }
        continue
      }
      if step.frames > 0 || step.next == .limit {
        applyFilters()
        return step.frames
      }
      input.consume(step.consumed)
      handedOver = 0
    }
    return 0
  }

  private static func parse(
    _ input: borrowing InputBuffer,
    _ pcap: PcapParser?,
    _ pcapng: inout PcapngParser,
    _ records: inout [FrameRecord],
    limit: Int
  ) -> ParseStep {
    input.withAvailable { bytes in
      var room = records.mutableSpan
      return pcap?.parse(bytes, limit: limit, into: &room) ?? pcapng.parse(bytes, limit: limit, into: &room)
    }
  }

  /// Leaves out the frames that the user's filter does not match.
  private mutating func applyFilters() {
    guard expression != nil else { return }
    frameCount = Self.keepMatches(input, filters, &records, count: frameCount)
  }

  private static func keepMatches(
    _ input: borrowing InputBuffer,
    _ filters: [FilterProgram],
    _ records: inout [FrameRecord],
    count: Int
  ) -> Int {
    input.withAvailable { bytes in
      var kept = 0
      for index in 0..<count {
        let record = records[index]
        let filter = filters[Int(record.info.interface)]
        guard filter.matches(bytes.extracting(record.range), wireLength: record.info.wireLength) else { continue }
        records[kept] = record
        kept += 1
      }
      return kept
    }
  }

  /// - Returns: false at the end of the file.
  private mutating func supply(_ next: ParseStep.Next) -> Bool {
    let start = input.position
    switch next {
    case .needs(let count):
      if input.fill(count) { return true }
      if input.availableCount > 0 || input.failure != nil {
        note("the file ends inside a record (\(input.availableCount) of at least \(count) octets)", at: start)
      }
    case .skip(let count):
      if input.skip(count) { return true }
      note("the file ends inside a block of \(count) octets", at: start)
    case .limit, .interface, .damage: break
    }
    return false
  }

  private mutating func note(_ reason: String, at offset: UInt64) {
    outcome.damage = CaptureDamage(offset: offset, reason: input.failure ?? reason, isCompressed: input.isCompressed)
  }

  /// Interfaces that share a link type share the compiled filter.
  mutating func addFilters(for interfaces: some Sequence<CaptureInterface>) throws(CaptureError) {
    guard let expression else { return }
    for interface in interfaces {
      if let same = filters.first(where: { $0.linkType == interface.linkType }) {
        filters.append(same)
      } else {
        filters.append(try FilterProgram(expression: expression, linkType: interface.linkType))
      }
    }
  }
}

extension PcapParser.HeaderFault {
  fileprivate var description: String {
    switch self {
    case .notPcap: "it does not start with the mark of pcap"
    case .version(let major, let minor): "it is of version \(major).\(minor) of the format; 2.4 is known"
    case .linkType(let number): "its link type \(number) does not exist"
    }
  }
}
