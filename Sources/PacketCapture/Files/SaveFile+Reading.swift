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

  mutating func advance(limit: Int, _ body: FrameHandler) throws(CaptureError) -> Int {
    var frames = 0
    while damage == nil {
      let step = parse(limit: limit - frames, body)
      frames += step.frames
      input.consume(step.consumed)
      switch step.next {
      case .limit: return frames
      case .interface: if expression != nil { try addFilters(for: pcapng.interfaces[filters.count...]) }
      case .damage(let reason): note(reason, at: input.position)
      // What is at hand goes out first: the rest may be long in coming.
      case .needs, .skip: if frames > 0 || !supply(step.next) { return frames }
      }
    }
    return frames
  }

  private mutating func parse(limit: Int, _ body: FrameHandler) -> ParseStep {
    guard expression != nil else { return parseUnfiltered(limit: limit, body) }
    let filters = filters
    return parseUnfiltered(limit: limit) { frame, info in
      if filters[Int(info.interface)].matches(frame, wireLength: info.wireLength) { body(frame, info) }
    }
  }

  private mutating func parseUnfiltered(limit: Int, _ body: FrameHandler) -> ParseStep {
    if let pcap { return input.withAvailable { pcap.parse($0, limit: limit, body) } }
    return input.withAvailable { pcapng.parse($0, limit: limit, body) }
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
