internal import CLinux
internal import Glibc
package import PacketDecoding

/// A packet socket on one interface, through libpcap's TPACKET_V3 ring. Its owner is one thread.
///
/// The handle is non-blocking: wait for `fileDescriptor` with poll, then `dispatch`. The kernel hands over a block of
/// frames when it is full or its time is up (`Options.blockTimeout`), so that is the delay of a lone frame.
package struct LiveCapture: ~Copyable {
  package let interface: String
  /// As the kernel numbers it; tells an interface from a later one of the same name.
  package let interfaceIndex: UInt32
  package let isLoopback: Bool
  package let linkType: LinkType
  package let options: Options
  /// What passes now.
  package private(set) var filter: CaptureFilter
  /// Becomes readable when frames are ready, or when the interface fails.
  package let fileDescriptor: Int32
  /// Whether the kernel runs the filter. When it refuses, libpcap runs it here, at the price of copying every frame.
  package let filtersInKernel: Bool

  let handle: PcapHandle
  let userFilter: FilterProgram?
  /// Frames that are older have passed another filter in the kernel than this one.
  var backlog: (filter: FilterProgram, until: Timestamp)?
  var counters: ExtendedCounters
  var batch: FrameBatch

  /// The group it is in, as the kernel numbers it; nil for a socket that sees everything.
  package let fanoutGroup: UInt16?
  /// Frames from before are passed over: until the last socket of a group has joined, some would be seen twice.
  package var beginning = Timestamp(nanoseconds: .min)

  /// Whom a socket shares the packets of its interface with (PACKET_FANOUT_HASH).
  package enum Fanout: Hashable, Sendable {
    case newGroup
    case group(UInt16)
  }

  package struct Options: Hashable, Sendable {
    package var filter = CaptureFilter()
    /// An expression of pcap-filter(7) that frames must match as well; evaluated in user space.
    package var expression: String?
    /// See also frames that are for other machines: on a mirror port.
    package var isPromiscuous = false
    /// Octets of the ring that the kernel fills.
    package var bufferSize: Int32 = 16 * 1024 * 1024
    /// Milliseconds after which the kernel hands over a block that is not full.
    package var blockTimeout: Int32 = 100
    /// One of several sockets, of which each sees a share of the connections.
    package var fanout: Fanout?
    /// What `FrameInfo.interface` says.
    package var number: UInt16 = 0

    package init() {}
  }

  package init(interface: String, options: Options = Options()) throws(CaptureError) {
    let index = unsafe if_nametoindex(interface)
    guard index != 0 else { throw .noSuchInterface(interface, available: InterfaceState.names()) }
    let handle = try PcapHandle(interface: interface, options: options)
    let linkType = try handle.linkType(interface: interface)
    guard let program = options.filter.program(for: linkType) else {
      throw .unsupportedLinkType(linkType, interface: interface)
    }
    let userFilter: FilterProgram? =
      if let expression = options.expression {
        try FilterProgram(expression: expression, linkType: linkType)
      } else { nil }
    try handle.setFilter(FilterProgram(instructions: program, linkType: linkType), interface: interface)
    let group: UInt16? = if let fanout = options.fanout { try handle.join(fanout, interface: interface) } else { nil }

    batch = FrameBatch(snapLength: Int(options.filter.snapLength))
    filter = options.filter
    self.interface = interface
    self.options = options
    self.linkType = linkType
    self.handle = handle
    self.userFilter = userFilter
    fanoutGroup = group
    interfaceIndex = index
    isLoopback = InterfaceState(of: interface)?.isLoopback ?? false
    fileDescriptor = handle.fileDescriptor
    filtersInKernel = handle.kernelFilterLength == program.count
    // Otherwise libpcap discards the second copy, after it has taken its room in the ring.
    let seesOnce = isLoopback && tcpstated_packet_ignore_outgoing(fileDescriptor) == 0
    counters = ExtendedCounters(countsTwice: isLoopback && !seesOnce)
  }

  /// Lets other frames pass from now on. Those that the ring holds already must pass this filter too: what fell behind
  /// would lose frames for as long as it looked at all of them.
  ///
  /// - Parameters:
  ///   - filter: with no longer a snap length than at the start.
  ///   - now: by the clock of frames.
  package mutating func setFilter(_ filter: CaptureFilter, at now: Timestamp) throws(CaptureError) {
    guard filter != self.filter else { return }
    guard let program = filter.program(for: linkType) else {
      throw .unsupportedLinkType(linkType, interface: interface)
    }
    let instructions = FilterProgram(instructions: program, linkType: linkType)
    if filtersInKernel, !linkType.isCooked {
      try handle.replaceFilter(instructions, interface: interface)
    } else {
      try handle.setFilter(instructions, interface: interface)
    }
    self.filter = filter
    backlog = (instructions, now)
  }

  /// What passes, for people.
  package var filterDescription: String {
    filter.description + (options.expression.map { ", and matching '\($0)'" } ?? "")
  }
}

extension LinkType {
  /// libpcap rewrites programs for these.
  fileprivate var isCooked: Bool { self == .linuxCooked || self == .linuxCooked2 }
}
