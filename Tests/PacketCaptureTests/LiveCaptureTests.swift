import Glibc
import PacketDecoding
import Testing

@testable import PacketCapture

/// Whether this process may open packet sockets (root, CAP_NET_RAW, or `unshare -Urn`).
let canCapture: Bool = {
  let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)
  if descriptor >= 0 { close(descriptor) }
  return descriptor >= 0
}()

@Suite struct LiveCaptureTests {
  @Test("A connection over the loopback is seen, each segment once", .enabled(if: canCapture))
  func loopback() throws {
    var options = LiveCapture.Options()
    options.number = 3
    var capture = try LiveCapture(interface: "lo", options: options)
    #expect(capture.linkType == .ethernet)
    #expect(capture.isLoopback == true)
    #expect(capture.filtersInKernel == true)
    let before = now()
    let connection = try LoopbackConnection()
    connection.close()
    var seen: [(flags: UInt8, info: FrameInfo)] = []
    // Both ends' SYN and FIN.
    try capture.collect(port: connection.serverPort, into: &seen) { $0.filter { $0.flags & 3 != 0 }.count >= 4 }
    #expect(seen.filter { $0.flags & 2 != 0 }.map(\.flags) == [0x02, 0x12])
    #expect(seen.filter { $0.flags & 1 != 0 }.count == 2)
    for (_, info) in seen {
      #expect(info.interface == 3)
      #expect(info.timestamp.nanoseconds > before - 1_000_000_000 && info.timestamp.nanoseconds < now())
      #expect(info.wireLength >= 54)
    }
  }

  @Test("A lone frame is handed over within 200 ms", .enabled(if: canCapture))
  func latency() throws {
    var capture = try LiveCapture(interface: "lo")
    let connection = try LoopbackConnection()
    defer { connection.close() }
    var seen: [(flags: UInt8, info: FrameInfo)] = []
    var delay = Int64.max
    try capture.collect(port: connection.serverPort, into: &seen) { frames in
      if let first = frames.first { delay = min(delay, now() - first.info.timestamp.nanoseconds) }
      return !frames.isEmpty
    }
    // Room for a busy machine; the timeout of a block is 100 ms.
    #expect(delay < 1_000_000_000)
  }

  @Test("What is received is counted, on the loopback too", .enabled(if: canCapture))
  func statistics() throws {
    var options = LiveCapture.Options()
    let connection = try LoopbackConnection()
    defer { connection.close() }
    // The kernel counts what passes its filter, so that one must pass nothing else: other tests use the loopback.
    options.filter.tier = .full
    var capture = try LiveCapture(interface: "lo", options: options)
    var count = 0
    try capture.wait { capture throws(CaptureError) in
      connection.send()
      count += try capture.dispatch(limit: 1000) { (_: RawSpan, _: FrameInfo) in }
      return count >= 20
    }
    let statistics = capture.statistics()
    #expect(statistics.received >= count)
    #expect(statistics.received < count * 2 + 100)
    #expect(statistics.dropped == 0)
  }

  @Test("Only what opens and closes passes in the control tier", .enabled(if: canCapture))
  func control() throws {
    var options = LiveCapture.Options()
    options.filter.tier = .control
    var capture = try LiveCapture(interface: "lo", options: options)
    let connection = try LoopbackConnection()
    connection.send()
    connection.close()
    var seen: [(flags: UInt8, info: FrameInfo)] = []
    try capture.collect(port: connection.serverPort, into: &seen) { $0.count >= 4 }
    #expect(seen.allSatisfy { $0.flags & 7 != 0 })
    #expect(capture.filterDescription == "TCP segments with SYN, FIN or RST, ICMP errors, tunnels")
  }

  @Test("The tier changes while the handle stays", .enabled(if: canCapture))
  func changeTier() throws {
    let connection = try LoopbackConnection()
    var options = LiveCapture.Options()
    options.filter.snapLength = 512
    var capture = try LiveCapture(interface: "lo", options: options)
    var seen: [(flags: UInt8, info: FrameInfo)] = []
    connection.send()
    try capture.collect(port: connection.serverPort, into: &seen) { !$0.isEmpty }
    #expect(seen.allSatisfy { $0.flags & 7 == 0 })
    // What the ring holds already must pass the new filter too.
    for _ in 0..<10 { connection.send() }
    let open = seen.count
    try capture.setFilter(CaptureFilter(tier: .control, snapLength: 256), at: Timestamp(nanoseconds: now()))
    connection.close()
    try capture.collect(port: connection.serverPort, into: &seen) { $0.contains { $0.flags & 1 != 0 } }
    #expect(seen.dropFirst(open).allSatisfy { $0.flags & 7 != 0 })
    let statistics = capture.statistics()
    let closed = seen.count
    let other = try LoopbackConnection()
    other.send()
    other.close()
    var control: [(flags: UInt8, info: FrameInfo)] = []
    try capture.collect(port: other.serverPort, into: &control) { $0.count >= 4 }
    #expect(control.allSatisfy { $0.flags & 7 != 0 })
    #expect(capture.filterDescription == "TCP segments with SYN, FIN or RST, ICMP errors, tunnels")
    #expect(closed > 0 && capture.statistics().received >= statistics.received)
    try capture.setFilter(CaptureFilter(tier: .headers, snapLength: 40), at: Timestamp(nanoseconds: now()))
    let third = try LoopbackConnection()
    third.send()
    defer { third.close() }
    var lengths: Set<Int> = []
    try capture.wait { capture throws(CaptureError) in
      _ = try capture.dispatch(limit: 100) { (frame: RawSpan, _: FrameInfo) in lengths.insert(frame.byteCount) }
      third.send()
      return lengths.contains(40)
    }
  }

  @Test("The user's filter is applied on top", .enabled(if: canCapture))
  func userFilter() throws {
    let wanted = try LoopbackConnection()
    let other = try LoopbackConnection()
    var options = LiveCapture.Options()
    options.expression = "port \(wanted.serverPort)"
    var capture = try LiveCapture(interface: "lo", options: options)
    other.send()
    wanted.send()
    wanted.close()
    other.close()
    var ports: Set<Bool> = []
    var frames = 0
    try capture.wait { capture throws(CaptureError) in
      _ = try capture.dispatch(limit: 100) { (frame: RawSpan, _: FrameInfo) in
        ports.insert(frame.hasPort(wanted.serverPort))
        frames += 1
      }
      return frames >= 4
    }
    #expect(ports == [true])
    options.expression = "prot 1"
    #expect(throws: CaptureError.self) { _ = try LiveCapture(interface: "lo", options: options) }
  }

  @Test("Cooked captures: libpcap rewrites programs, the kernel takes them and passes TCP", .enabled(if: canCapture))
  func cooked() throws {
    let handle = try PcapHandle(interface: "any", options: LiveCapture.Options())
    let linkType = try handle.linkType(interface: "any")
    #expect(linkType == .linuxCooked || linkType == .linuxCooked2)
    for tier in CaptureTier.allCases {
      let program = try #require(CaptureFilter(tier: tier).program(for: linkType))
      try handle.setFilter(FilterProgram(instructions: program, linkType: linkType), interface: "any")
      #expect(handle.kernelFilterLength == program.count)
      var frames: UInt8 = 0
      let deadline = now() + 10_000_000_000
      while frames == 0, now() < deadline {
        try LoopbackConnection().close()
        _ = unsafe handle.dispatch(limit: 100, { user, _, _ in unsafe user?.pointee = 1 }, &frames)
      }
      #expect(frames == 1)
    }
  }

  @Test("What cannot be captured from is told in one line")
  func errors() throws {
    let error = try #require(throws: CaptureError.self) { _ = try LiveCapture(interface: "nowhere0") }
    guard case .noSuchInterface("nowhere0", let available) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(available.contains("lo"))
    #expect(error.description.hasPrefix("there is no interface nowhere0; there are "))
    #expect(CaptureError.noPermission(interface: "eth0").description.contains("CAP_NET_RAW"))
    #expect(throws: CaptureError.self) { _ = try LiveCapture(interface: "") }
  }
}

@Suite struct ExtendedCountersTests {
  @Test("Counters of 32 bits go on beyond their end")
  func wrap() {
    var counters = ExtendedCounters(countsTwice: false)
    counters.extend(received: 0xffff_fff0, dropped: 5, interfaceDropped: 0)
    counters.extend(received: 0x10, dropped: 7, interfaceDropped: 1)
    #expect(counters.statistics == CaptureStatistics(received: 0x1_0000_0010, dropped: 7, interfaceDropped: 1))
  }

  @Test("What the kernel counts twice is halved")
  func twice() {
    var counters = ExtendedCounters(countsTwice: true)
    counters.extend(received: 7, dropped: 2, interfaceDropped: 4)
    #expect(counters.statistics == CaptureStatistics(received: 3, dropped: 1, interfaceDropped: 4))
  }
}

func now() -> Int64 {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

extension LiveCapture {
  /// The same one by one.
  mutating func dispatch(limit: Int, _ body: (RawSpan, FrameInfo) -> Void) throws(CaptureError) -> Int {
    try dispatch(limit: limit) { (octets: RawSpan, frames: Span<FrameRecord>) in
      for index in frames.indices { body(octets.extracting(frames[index].range), frames[index].info) }
    }
  }

  /// Polls and calls until `isDone` says so, or ten seconds have passed.
  mutating func wait(until isDone: (inout LiveCapture) throws(CaptureError) -> Bool) throws {
    let deadline = now() + 10_000_000_000
    while try !isDone(&self) {
      guard now() < deadline else {
        Issue.record("nothing came in ten seconds")
        return
      }
      var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&request, 1, 50)
    }
  }

  /// Collects the flags of segments from or to a port over IPv4.
  mutating func collect(
    port: UInt16,
    into seen: inout [(flags: UInt8, info: FrameInfo)],
    until isDone: ([(flags: UInt8, info: FrameInfo)]) -> Bool
  ) throws {
    try wait { capture throws(CaptureError) in
      _ = try capture.dispatch(limit: 100) { (frame: RawSpan, info: FrameInfo) in
        if frame.hasPort(port) { seen.append((frame.load8(at: 14 + 20 + 13), info)) }
      }
      return isDone(seen)
    }
  }
}

extension RawSpan {
  /// Whether it is TCP over IPv4 without options over Ethernet, from or to a port.
  func hasPort(_ port: UInt16) -> Bool {
    byteCount >= 54 && load16(at: 12, swapped: true) == 0x0800 && load8(at: 23) == 6
      && (load16(at: 34, swapped: true) == port || load16(at: 36, swapped: true) == port)
  }
}
