internal import CLibpcap
internal import CLinux
internal import PacketDecoding

/// Owns a pcap_t. A class only because what may fail halfway through must close it: nobody shares it.
@safe
final class PcapHandle {
  private let pointer: OpaquePointer

  /// Opens and activates, non-blocking.
  init(interface: String, options: LiveCapture.Options) throws(CaptureError) {
    var buffer = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let created = unsafe pcap_create(interface, &buffer) else {
      throw .interfaceFailed(interface, reason: Self.text(buffer))
    }
    unsafe pointer = created
    unsafe pcap_set_snaplen(created, Int32(clamping: options.filter.snapLength))
    unsafe pcap_set_promisc(created, options.isPromiscuous ? 1 : 0)
    unsafe pcap_set_buffer_size(created, options.bufferSize)
    // Immediate mode would wake us for every packet (TPACKET_V2).
    unsafe pcap_set_immediate_mode(created, 0)
    unsafe pcap_set_timeout(created, max(options.blockTimeout, 1))
    // Refused where the clock has microseconds only; then `hasNanoseconds` says so.
    unsafe pcap_set_tstamp_precision(created, PCAP_TSTAMP_PRECISION_NANO)
    let status = unsafe pcap_activate(created)
    // Positive values are warnings.
    guard status >= 0 else { throw Self.error(status, interface: interface, text: message) }
    // Only after activation: the timeout of blocks is taken from the blocking mode.
    guard unsafe pcap_setnonblock(created, 1, &buffer) == 0 else {
      throw .interfaceFailed(interface, reason: Self.text(buffer))
    }
  }

  deinit {
    unsafe pcap_close(pointer)
  }

  var fileDescriptor: Int32 { unsafe pcap_get_selectable_fd(pointer) }
  var hasNanoseconds: Bool { unsafe pcap_get_tstamp_precision(pointer) == PCAP_TSTAMP_PRECISION_NANO }
  /// How many instructions the filter has that the kernel runs; 0 without one.
  var kernelFilterLength: Int { Int(max(tcpstated_socket_filter_length(fileDescriptor), 0)) }
  /// What libpcap said last.
  var message: String { unsafe String(cString: pcap_geterr(pointer)) }

  func linkType(interface: String) throws(CaptureError) -> LinkType {
    guard let linkType = unsafe LinkType(dlt: pcap_datalink(pointer)) else {
      throw .interfaceFailed(interface, reason: "its frames have an unknown link type")
    }
    return linkType
  }

  func setFilter(_ filter: FilterProgram, interface: String) throws(CaptureError) {
    guard unsafe filter.withProgram({ unsafe pcap_setfilter(pointer, $0) }) == 0 else {
      throw .interfaceFailed(interface, reason: message)
    }
  }

  /// Puts another filter in place of the kernel's in one step. (pcap_setfilter first lets nothing pass, and empties the
  /// socket.)
  func replaceFilter(_ filter: FilterProgram, interface: String) throws(CaptureError) {
    let result = unsafe filter.withProgram { program in
      unsafe tcpstated_replace_socket_filter(fileDescriptor, program.pointee.bf_insns, program.pointee.bf_len)
    }
    guard result == 0 else {
      throw .interfaceFailed(interface, reason: "cannot change its filter: \(systemMessage(-result))")
    }
  }

  /// - Returns: the number of the group that it is in now.
  func join(_ fanout: LiveCapture.Fanout, interface: String) throws(CaptureError) -> UInt16 {
    let result =
      switch fanout {
      case .newGroup: tcpstated_packet_open_fanout(fileDescriptor)
      case .group(let number): tcpstated_packet_join_fanout(fileDescriptor, number)
      }
    guard result >= 0 else {
      throw .interfaceFailed(interface, reason: "cannot share it among workers: \(systemMessage(-result))")
    }
    return if case .group(let number) = fanout { number } else { UInt16(truncatingIfNeeded: result) }
  }

  /// - Returns: nil when libpcap cannot tell.
  func statistics() -> pcap_stat? {
    var counts = pcap_stat()
    return unsafe pcap_stats(pointer, &counts) == 0 ? counts : nil
  }

  /// Calls back for at most `limit` frames that are ready.
  func dispatch(limit: Int32, _ callback: pcap_handler, _ user: UnsafeMutablePointer<UInt8>) -> Int32 {
    unsafe pcap_dispatch(pointer, limit, callback, user)
  }

  private static func error(_ status: Int32, interface: String, text: String) -> CaptureError {
    switch status {
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: .noPermission(interface: interface)
    case PCAP_ERROR_NO_SUCH_DEVICE: .noSuchInterface(interface, available: InterfaceState.names())
    case PCAP_ERROR_IFACE_NOT_UP: .interfaceDown(interface)
    default: .interfaceFailed(interface, reason: text.isEmpty ? unsafe String(cString: pcap_statustostr(status)) : text)
    }
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
