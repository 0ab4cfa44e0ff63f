import Alerting
import Foundation
import PacketDecoding
import Synchronization

@testable import AlertDelivery

let moment = Timestamp(nanoseconds: 1_795_231_120_123_456_789)

extension AlertStatus {
  static var firing: AlertStatus {
    var evidence = AlertEvidence()
    let service = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 8081)
    evidence.services = [.init(subject: service, count: 298)]
    evidence.peers = [.init(subject: IPAddress(ipv4: 0x0A00_0007), count: 280)]
    return AlertStatus(
      id: "00c0ffee0001",
      name: "time-wait",
      state: .firing,
      severity: .warning,
      labels: [Label(name: "site", value: "fra1"), Label(name: "metric", value: "time_wait")],
      value: 312,
      raise: 300,
      clear: 240,
      since: moment,
      firedAt: moment,
      summary: "312 TIME_WAIT on this host (threshold 300)",
      evidence: evidence,
      metric: "time_wait",
      peak: 312
    )
  }

  static var resolved: AlertStatus {
    var status = firing
    status.state = .resolved
    status.value = 239
    status.summary = "TIME_WAIT on this host is back to 239"
    return status
  }
}

/// Two connected descriptors: what is written to one is read from the other.
final class Channel: Sendable {
  let reader: Int32
  let writer: Int32

  static func pipe() -> Channel {
    var ends: [Int32] = [-1, -1]
    _ = unsafe Glibc.pipe(&ends)
    return Channel(reader: ends[0], writer: ends[1])
  }

  static func socketPair() -> Channel {
    var ends: [Int32] = [-1, -1]
    _ = unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    return Channel(reader: ends[0], writer: ends[1])
  }

  private init(reader: Int32, writer: Int32) {
    self.reader = reader
    self.writer = writer
    _ = fcntl(reader, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(reader)
    close(writer)
  }

  /// Everything that is there now.
  func read() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe Glibc.read(reader, &chunk, chunk.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}

/// Keeps what it is given.
final class Recorder: AlertChannel {
  private let events = Mutex<[AlertEvent]>([])

  var count: Int { events.withLock { $0.count } }

  func deliver(_ event: AlertEvent) {
    events.withLock { $0.append(event) }
  }
}

/// A journald of our own: a datagram socket at a path.
final class FakeJournal {
  let path: String
  private let descriptor: Int32

  init() {
    path = FileManager.default.temporaryDirectory.path + "/journal-\(UUID().uuidString.prefix(8))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        _ = unsafe bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
  }

  func receive() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count > 0 ? Array(buffer[..<count]) : []
  }
}
