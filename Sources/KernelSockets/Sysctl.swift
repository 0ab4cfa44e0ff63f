internal import Glibc

/// Kernel settings of this network namespace (ip-sysctl.rst); nil where the kernel does not have one.
package enum Sysctl {
  package static func number(_ name: String) -> Int? {
    text(name).flatMap { Int($0) }
  }

  package static func text(_ name: String) -> String? {
    let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  package static var maximumTimeWaitBuckets: Int? { number("net.ipv4.tcp_max_tw_buckets") }

  package static var ephemeralPorts: ClosedRange<UInt16>? {
    let bounds = text("net.ipv4.ip_local_port_range")?.split { $0 == " " || $0 == "\t" }.compactMap { UInt16($0) }
    guard let bounds, bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
    return bounds[0]...bounds[1]
  }
}
