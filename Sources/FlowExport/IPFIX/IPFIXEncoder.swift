internal import ConnectionTracking
package import Monitoring
package import PacketDecoding

/// Makes IPFIX messages (RFC 7011) of closed connections. Pure: one for each transport session.
package struct IPFIXEncoder: Sendable {
  package struct Options: Sendable, Equatable {
    /// One record for both directions (RFC 5103), or one for each.
    package var exportsBiflows = true
    /// Whose our own elements are; nil to leave them out.
    package var enterprise: UInt32?
    package var observationDomain: UInt32 = 0
    /// Octets of a message at most.
    package var messageSize = 1400

    package init() {}
  }

  package struct Message: Sendable, Equatable {
    package var octets: [UInt8]
    /// Connections in it.
    package var connections: Int
  }

  private let options: Options
  private let ipv4: FlowTemplate
  private let ipv6: FlowTemplate
  /// Data records sent in this session, modulo 2^32.
  package private(set) var sequence: UInt32 = 0

  private static let templateSet: UInt16 = 2
  private static let optionsTemplateSet: UInt16 = 3

  package init(_ options: Options) {
    self.options = options
    ipv4 = FlowTemplate(isIPv4: true, ofBoth: options.exportsBiflows, enterprise: options.enterprise)
    ipv6 = FlowTemplate(isIPv4: false, ofBoth: options.exportsBiflows, enterprise: options.enterprise)
  }

  /// All templates, and what our own elements are: before the first record, and over UDP again and again.
  package mutating func templates(at time: Timestamp) -> [Message] {
    var draft = Draft(options, sequence, time)
    for template in [ipv4, ipv6] { draft.add(template.record, to: Self.templateSet) }
    if let enterprise = options.enterprise {
      draft.add(TypeInformation.template, to: Self.optionsTemplateSet)
      for own in OwnElement.allCases {
        draft.add(TypeInformation.record(of: own, enterprise: enterprise), to: TypeInformation.id)
      }
    }
    return take(&draft)
  }

  /// Of connections without a packet there is nothing: no flow was observed.
  package mutating func messages(for records: some Sequence<ConnectionRecord>, at time: Timestamp) -> [Message] {
    var draft = Draft(options, sequence, time)
    for record in records {
      if record.start != nil { add(record, to: &draft) }
      draft.countConnection()
    }
    return take(&draft)
  }

  private func add(_ record: ConnectionRecord, to draft: inout Draft) {
    let template = record.client.address.isIPv4 ? ipv4 : ipv6
    draft.add(template.record(of: record, forward: .client), to: template.id)
    guard !options.exportsBiflows, record.serverCounters.packets > 0 else { return }
    draft.add(template.record(of: record, forward: .server), to: template.id)
  }

  private mutating func take(_ draft: inout Draft) -> [Message] {
    defer { sequence = draft.sequence }
    return draft.finish()
  }
}

/// Messages in the making.
private struct Draft {
  private let options: IPFIXEncoder.Options
  private let time: UInt32
  /// After all records so far.
  private(set) var sequence: UInt32
  private var messages: [IPFIXEncoder.Message] = []
  private var out = OctetWriter()
  private var connections = 0
  /// The set that is open: its id, and where it begins.
  private var set: (id: UInt16, start: Int)?

  private static let headerSize = 16
  private static let setHeaderSize = 4
  private static let version: UInt16 = 10
  private static let lengthOffset = 2

  init(_ options: IPFIXEncoder.Options, _ sequence: UInt32, _ time: Timestamp) {
    self.options = options
    self.sequence = sequence
    self.time = UInt32(truncatingIfNeeded: time.nanoseconds / 1_000_000_000)
  }

  mutating func add(_ record: OctetWriter, to id: UInt16) {
    // Three octets may be needed for padding.
    let size = record.count + (set?.id == id ? 0 : Self.setHeaderSize) + 6
    if out.count > 0, out.count + size > options.messageSize { endMessage() }
    if out.count == 0 { beginMessage() }
    if set?.id != id { beginSet(id) }
    out.append(record)
    // Templates are no data records.
    if id >= 256 { sequence &+= 1 }
  }

  /// It has all its records, in this message and the one before.
  mutating func countConnection() { connections += 1 }

  mutating func finish() -> [IPFIXEncoder.Message] {
    endMessage()
    return messages
  }

  private mutating func beginMessage() {
    out.put(Self.version)
    out.put(UInt16(0))
    out.put(time)
    out.put(sequence)
    out.put(options.observationDomain)
  }

  private mutating func beginSet(_ id: UInt16) {
    endSet()
    set = (id, out.count)
    out.put(id)
    out.put(UInt16(0))
  }

  private mutating func endSet() {
    guard let set else { return }
    out.pad(to: 4)
    out.put(UInt16(clamping: out.count - set.start), at: set.start + Self.lengthOffset)
    self.set = nil
  }

  private mutating func endMessage() {
    guard out.count > Self.headerSize else {
      // Connections without a record go with the message before.
      if connections > 0 {
        if messages.isEmpty { messages.append(IPFIXEncoder.Message(octets: [], connections: 0)) }
        messages[messages.count - 1].connections += connections
      }
      connections = 0
      return
    }
    endSet()
    out.put(UInt16(clamping: out.count), at: Self.lengthOffset)
    messages.append(IPFIXEncoder.Message(octets: out.octets, connections: connections))
    (out, connections) = (OctetWriter(), 0)
  }
}
