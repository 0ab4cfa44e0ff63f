import Foundation
import PacketDecoding
import Testing

@testable import KernelSockets

@Suite struct SysctlTests {
  @Test("Settings are read by their type; what is missing or odd is nil")
  func fixture() throws {
    let directory = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let files = [
      "tcp_fin_timeout": "60\n", "tcp_max_tw_buckets": "many\n", "ip_local_port_range": "32768\t60999\n",
      "tcp_rfc1337": "1\n", "tcp_tw_reuse": "2\n", "tcp_syn_retries": "",
    ]
    for (name, text) in files {
      try text.write(toFile: directory + "/" + name, atomically: false, encoding: .utf8)
    }
    let sysctl = Sysctl(directory: directory)
    #expect(sysctl.tcpFINTimeout == 60)
    #expect(sysctl.tcpMaxTimeWaitBuckets == nil)
    #expect(sysctl.localPortRange == 32768...60999)
    #expect(sysctl.tcpRFC1337 == true)
    #expect(sysctl.tcpTimeWaitReuse == 2)
    #expect(sysctl.tcpSYNRetries == nil)
    #expect(sysctl.tcpKeepAliveTime == nil)
  }

  @Test("A port range that is none is nil", arguments: ["60999 32768", "1", "1 2 3", "-1 5", "0 70000"])
  func portRange(text: String) throws {
    let directory = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try text.write(toFile: directory + "/ip_local_port_range", atomically: false, encoding: .utf8)
    #expect(Sysctl(directory: directory).localPortRange == nil)
  }
}

@Suite struct EventTests {
  @Test("An eventfd wakes a poller, and drained it is quiet")
  func eventFD() throws {
    let event = try EventFD()
    var poller = Poller()
    let position = poller.add(event.fileDescriptor)
    #expect(poller.wait(timeout: .zero) == 0)
    #expect(poller.isReady(position) == false)
    event.signal()
    event.signal()
    #expect(poller.wait(timeout: Seconds(10)) == 1)
    #expect(poller.isReady(position) == true)
    #expect(event.drain())
    #expect(!event.drain())
    #expect(poller.wait(timeout: .zero) == 0)
    #expect(poller.isReady(position) == false)
    #expect(poller.isReady(99) == false)
  }

  @Test("The clocks run")
  func clocks() {
    let start = MonotonicClock.now()
    #expect(MonotonicClock.now() >= start)
    // 2020-01-01.
    #expect(WallClock.now().nanoseconds > 1_577_836_800_000_000_000)
  }
}

@Suite struct SystemdNotifierTests {
  @Test("Without a socket nothing is sent")
  func inactive() {
    let notifier = SystemdNotifier(socket: nil, watchdogMicroseconds: nil, watchdogProcess: nil)
    #expect(!notifier.isActive)
    #expect(notifier.send(.ready))
    #expect(!SystemdNotifier(socket: "vsock:2:1", watchdogMicroseconds: nil, watchdogProcess: nil).isActive)
  }

  @Test("The watchdog's interval is for the process it names")
  func watchdog() {
    func interval(_ microseconds: String?, _ process: String?) -> Seconds? {
      SystemdNotifier(socket: nil, watchdogMicroseconds: microseconds, watchdogProcess: process).watchdogInterval
    }
    #expect(interval("3000000", nil) == Seconds(3))
    #expect(interval("3000000", "\(getpid())") == Seconds(3))
    #expect(interval("3000000", "1") == nil)
    #expect(interval(nil, nil) == nil)
    #expect(interval("0", nil) == nil)
    #expect(interval("-5", nil) == nil)
    #expect(interval("9223372036854775807", nil) == nil)
    #expect(interval("soon", nil) == nil)
  }

  @Test("Messages arrive at a path and at an abstract name", arguments: ["@", NSTemporaryDirectory()])
  func messages(prefix: String) throws {
    let name = prefix + "tcpstated-test-\(UUID().uuidString)"
    let receiver = try Self.bind(name)
    defer {
      close(receiver)
      unsafe unlink(name)
    }
    let notifier = SystemdNotifier(socket: name, watchdogMicroseconds: nil, watchdogProcess: nil)
    #expect(notifier.send(.ready, .status("watching lo\nREADY=0")))
    #expect(Self.receive(receiver) == "READY=1\nSTATUS=watching lo READY=0")
    #expect(notifier.send(.reloading(at: Instant(nanoseconds: 5_000_000))))
    #expect(Self.receive(receiver) == "RELOADING=1\nMONOTONIC_USEC=5000")
    #expect(notifier.send(.stopping))
    #expect(Self.receive(receiver) == "STOPPING=1")
    #expect(notifier.send(.watchdog))
    #expect(Self.receive(receiver) == "WATCHDOG=1")
  }

  @Test("A socket nobody listens on is told, not thrown")
  func nobody() {
    for name in ["/nonexistent/notify", "@tcpstated-nobody", "/" + String(repeating: "x", count: 300)] {
      #expect(!SystemdNotifier(socket: name, watchdogMicroseconds: nil, watchdogProcess: nil).send(.ready))
    }
  }

  private static func bind(_ name: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = octets(UInt16(AF_UNIX)) + Array(name.utf8)
    if name.hasPrefix("@") { address[2] = 0 }
    let result = unsafe address.withUnsafeBytes { bytes in
      unsafe Foundation.bind(
        descriptor,
        bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(bytes.count)
      )
    }
    try #require(result == 0)
    return descriptor
  }

  private static func receive(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  private static func octets(_ value: UInt16) -> [UInt8] {
    var octets: [UInt8] = []
    octets.append(integer: value)
    return octets
  }
}

@Suite struct PrivilegesTests {
  @Test("A thread that gives up its privileges keeps CAP_NET_RAW at most")
  func restrict() async throws {
    let before = Privileges.hasNetRaw
    // Capabilities are a thread's own: this one's end with it.
    let (after, failure, status) = await withCheckedContinuation { continuation in
      Thread {
        var failure: SystemError?
        do { try Privileges.apply(nil) } catch { failure = error as? SystemError }
        let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
        continuation.resume(returning: (Privileges.hasNetRaw, failure, status))
      }.start()
    }
    #expect(failure == nil)
    #expect(after == before)
    let lines = Dictionary(
      status.split(separator: "\n").map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
      },
      uniquingKeysWith: { first, _ in first }
    )
    let allowed: UInt64 = before ? 1 << 13 : 0
    for set in ["CapEff", "CapPrm"] { #expect(UInt64(lines[set] ?? "", radix: 16) == allowed, "\(set)") }
    for set in ["CapInh", "CapAmb"] { #expect(UInt64(lines[set] ?? "", radix: 16) == 0, "\(set)") }
    #expect(lines["NoNewPrivs"] == "1")
  }

  @Test("A user is found by name, or it is said that there is none")
  func user() throws {
    #expect(try UserIdentity(name: "root") == UserIdentity(uid: 0, gid: 0))
    let error = #expect(throws: SystemError.self) { try UserIdentity(name: "nobody-of-this-name") }
    #expect(error?.description == "cannot find the user nobody-of-this-name: No such file or directory")
  }
}
