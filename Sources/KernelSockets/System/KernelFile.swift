internal import Glibc

/// Files of /proc and /sys: their size is not known before they are read.
enum KernelFile {
  private static let partSize = 4096
  /// No more is read, and a little.
  private static let limit = 1 << 20

  /// All of a file; nil when it is empty or cannot be read. What is no UTF-8 is replaced: a command may hold any
  /// octet.
  static func text(_ path: String) -> String? {
    var octets: [UInt8] = []
    read(path, into: &octets)
    return octets.isEmpty ? nil : String(decoding: octets, as: UTF8.self)
  }

  /// - Parameter octets: what was in it is replaced, by nothing when the file cannot be read.
  static func read(_ path: String, into octets: inout [UInt8]) {
    octets.removeAll(keepingCapacity: true)
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    let descriptor = FileDescriptor(file)
    var count = 0
    repeat {
      let filled = octets.count
      octets.append(contentsOf: repeatElement(0, count: partSize))
      count = unsafe octets.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor.rawValue, buffer.baseAddress.map { unsafe $0 + filled }, partSize)
      }
      octets.removeLast(partSize - max(count, 0))
    } while count > 0 && octets.count < limit
  }
}
