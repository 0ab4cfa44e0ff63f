internal import Glibc

/// What /proc tells of processes.
enum Processes {
  /// More descriptors of one process are not looked at.
  private static let descriptorLimit = 65_536
  private static let processLimit = 65_536
  private static let link = "socket:["

  static func all() -> [Int32] {
    var found: [Int32] = []
    Self.forEachEntry(of: "/proc") { _, name in
      if let process = Int32(name) { found.append(process) }
      return found.count < processLimit
    }
    return found
  }

  /// Those in a control group of version 2; 0 stands for one in another pid namespace.
  static func inGroup(_ directory: String) -> [Int32] {
    let text = KernelFile.text(directory + "/cgroup.procs") ?? ""
    return text.split(separator: "\n").prefix(processLimit).compactMap { Int32($0) }.filter { $0 > 0 }
  }

  /// The sockets that a process has open, by their inodes.
  static func sockets(of process: Int32) -> Set<UInt32> {
    var inodes: Set<UInt32> = []
    var count = 0
    forEachEntry(of: "/proc/\(process)/fd") { directory, name in
      count += 1
      if let inode = inode(of: name, in: directory) { inodes.insert(inode) }
      return count < descriptorLimit
    }
    return inodes
  }

  /// Nil when it is gone.
  static func name(of process: Int32) -> ProcessName? {
    guard let command = KernelFile.text("/proc/\(process)/comm") else { return nil }
    return ProcessName(pid: process, command: String(command.last == "\n" ? command.dropLast() : command[...]))
  }

  // MARK: Reading

  /// `socket:[12345]`
  private static func inode(of name: String, in directory: Int32) -> UInt32? {
    var target = [CChar](repeating: 0, count: 32)
    let length = unsafe readlinkat(directory, name, &target, target.count)
    guard length > link.utf8.count, length < target.count else { return nil }
    let text = String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard text.hasPrefix(link), text.hasSuffix("]") else { return nil }
    return UInt32(text.dropFirst(link.count).dropLast())
  }

  /// - Parameter body: gets the directory's descriptor and a name in it; returns whether to go on.
  private static func forEachEntry(of path: String, _ body: (Int32, String) -> Bool) {
    guard let directory = unsafe opendir(path) else { return }
    defer { unsafe closedir(directory) }
    let descriptor = unsafe dirfd(directory)
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { octets in
        unsafe String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard body(descriptor, name) else { return }
    }
  }
}
