package import PacketDecoding

/// A capture file: pcap or pcapng, gzip'd or not, of any size, read front to back with constant memory.
///
/// A damaged or truncated file gives everything before the damage; `damage` then says where it is. Only a file that
/// is no capture at all is an error.
package struct SaveFile: ~Copyable {
  package let path: String

  var input: InputBuffer
  /// One of the two, by the format; the unused one is a few idle words.
  let pcap: PcapParser?
  var pcapng: PcapngParser
  let expression: String?
  /// The user's filter for each interface, compiled for its link type.
  var filters: [FilterProgram]
  var outcome: Outcome
  /// The frames read last, the first `frameCount` of them, and how many octets of the input they took.
  var records: [FrameRecord]
  var frameCount: Int
  var handedOver: Int

  /// Frames that are handed over at once: few enough for the nearest cache.
  private static let batch = 256

  /// What reading came to. A struct because a property with an implicit value would keep the initializer from throwing.
  struct Outcome {
    var damage: CaptureDamage?
  }

  /// Opens a file and reads its head.
  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - filter: an expression of pcap-filter(7); frames it does not match are passed over.
  package init(path: String, filter: String? = nil) throws(CaptureError) {
    self = try Self.open(path: path, expression: filter)
  }

  /// A function because an initializer of a type that cannot be copied must not throw halfway.
  private static func open(path: String, expression: String?) throws(CaptureError) -> SaveFile {
    var input = try InputBuffer(path: path)
    let pcap = try readHeader(&input, path: path)
    var file = SaveFile(path: path, input: input, pcap: pcap, expression: expression)
    try file.begin()
    return file
  }

  private init(path: String, input: consuming InputBuffer, pcap: PcapParser?, expression: String?) {
    self.path = path
    self.input = input
    self.pcap = pcap
    self.expression = expression
    pcapng = PcapngParser()
    filters = []
    outcome = Outcome()
    records = Array(repeating: .none, count: Self.batch)
    frameCount = 0
    handedOver = 0
  }

  /// Sections and interfaces that come before the first packet are known after this.
  private mutating func begin() throws(CaptureError) {
    if let pcap { try addFilters(for: [CaptureInterface(name: "", linkType: pcap.linkType)]) }
    _ = try advance(limit: 0)
    if let damage, pcap == nil, pcapng.interfaces.isEmpty {
      throw .notACapture(path: path, reason: damage.description)
    }
  }

  /// Reads the next frames: those that can be had without waiting for more input, and at least one. A pipe that
  /// trickles is thus followed as it writes. `interfaces` then holds all that they refer to, and `withFrames` them.
  ///
  /// Throws only when the user's filter does not fit the link type of an interface declared halfway through.
  /// - Returns: how many were read, those that the filter passed over included; 0 at the end, or at the damage.
  package mutating func readFrames() throws(CaptureError) -> Int {
    try advance(limit: Self.batch)
  }

  /// Gives the interfaces of the frames read last other numbers.
  mutating func renumber(_ numbers: [UInt16]) {
    for index in 0..<frameCount {
      let number = Int(records[index].info.interface)
      records[index].renumber(number < numbers.count ? numbers[number] : 0)
    }
  }

  /// The frames read last, as long as `body` runs.
  package func withFrames<Result>(_ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Result) -> Result {
    input.withAvailable { body($0, records.span.extracting(first: frameCount)) }
  }

  /// The same, one by one and at most `limit`.
  package mutating func read(limit: Int, _ body: FrameHandler) throws(CaptureError) -> Int {
    let count = try advance(limit: max(limit, 1))
    withFrames { octets, frames in
      for index in frames.indices { body(octets.extracting(frames[index].range), frames[index].info) }
    }
    return count
  }

  /// From where on the file could not be read; known once `read` gave 0.
  package var damage: CaptureDamage? { outcome.damage }

  /// How many `interfaces` there are, without making a list of them.
  var interfaceCount: Int { pcap == nil ? pcapng.interfaces.count : 1 }

  /// Nothing is lacking, but something stood in the file that was passed over; known once `read` gave 0.
  package var remark: String? {
    input.ignoresRest ? "octets after the compressed data are ignored" : nil
  }

  /// The interfaces declared so far; frames refer to them by position.
  package var interfaces: [CaptureInterface] {
    pcap.map { [CaptureInterface(name: "", linkType: $0.linkType)] } ?? pcapng.interfaces
  }

  package func linkType(of interface: UInt16) -> LinkType? {
    if let pcap { return pcap.linkType }
    return Int(interface) < pcapng.interfaces.count ? pcapng.interfaces[Int(interface)].linkType : nil
  }

  /// How far the file itself was read, and its size when that is known (not for a pipe).
  package var progress: (bytesRead: UInt64, total: UInt64?) { (input.bytesRead, input.byteCount) }
}
