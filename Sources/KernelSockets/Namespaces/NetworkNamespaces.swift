internal import CLinux
internal import Glibc

/// Network namespaces that have a name, as ip-netns(8) and Docker give them one.
package enum NetworkNamespaces {
  /// Where their files are; container runtimes by way of CNI use the first.
  private static let directories = ["/run/netns", "/run/docker/netns"]

  /// Asks for all that there are.
  package static let all = "all"

  /// All names that this process may see, in order.
  package static func names() -> [String] {
    var names: Set<String> = []
    for directory in directories {
      guard let listing = unsafe opendir(directory) else { continue }
      defer { unsafe closedir(listing) }
      while let entry = unsafe readdir(listing) {
        let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
          unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        // Docker's "default" is the host itself; two names of one namespace are told apart when they are opened.
        if !name.hasPrefix(".") { names.insert(name) }
      }
    }
    return names.sorted()
  }

  /// The names that are meant; "all" is each that there is.
  package static func resolve(_ wanted: [String]) -> [String] {
    var seen: Set<String> = []
    return wanted.flatMap { $0 == all ? names() : [$0] }.filter { seen.insert($0).inserted }
  }

  static func open(named name: String) throws(SystemError) -> FileDescriptor {
    var code = ENOENT
    for directory in directories {
      let file = unsafe Glibc.open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
      if file >= 0 { return FileDescriptor(file) }
      if errno != ENOENT { code = errno }
    }
    throw SystemError("open network namespace \(name)", code: code)
  }

  /// That of the calling thread.
  static func current() throws(SystemError) -> FileDescriptor {
    let file = unsafe Glibc.open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SystemError("open the network namespace of this process", code: errno) }
    return FileDescriptor(file)
  }

  static func enter(_ namespace: borrowing FileDescriptor, named name: String) throws(SystemError) {
    try SystemError.check("enter network namespace \(name)", tcpstated_enter_network_namespace(namespace.rawValue))
  }

  /// Tells one namespace from another.
  static func identity(_ namespace: borrowing FileDescriptor) -> UInt64 {
    var status = stat()
    return unsafe fstat(namespace.rawValue, &status) == 0 ? UInt64(status.st_ino) : 0
  }
}
