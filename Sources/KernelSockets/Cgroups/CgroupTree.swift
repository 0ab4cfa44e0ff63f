internal import Glibc
package import PacketDecoding

/// Paths of cgroups by their ids (cgroups(7), version 2). An id is the inode number of the cgroup's directory, so that
/// walking the tree finds it without any capability; open_by_handle_at(2) would need one.
package struct CgroupTree: Sendable {
  /// Where the hierarchy is mounted.
  private let root: String
  private var paths: [UInt64: String] = [:]
  /// A walk did not meet them: they are gone, or in a part of the tree that is hidden from here.
  private var strangers: Set<UInt64> = []
  private var nextWalk = Instant(nanoseconds: .min)

  /// Directories that a walk visits at most, and how deep.
  private static let directoryLimit = 32_768
  private static let depthLimit = 32
  private static let strangerLimit = 4096
  /// Walking takes at most this share of the time.
  private static let timeShare: Int64 = 10

  package init(root: String) {
    self.root = root
  }

  /// The hierarchy of this host; nil where there is none. A hybrid host has it beside those of version 1.
  package init?() {
    guard let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first(where: Self.isUnified) else { return nil }
    self.init(root: root)
  }

  /// The path of a cgroup, from the root of the hierarchy on.
  ///
  /// - Returns: nil for one that cannot be found, and for a new one that comes too soon after the last walk.
  package mutating func path(of id: UInt64, at now: Instant) -> String? {
    if let path = paths[id] { return path }
    guard !strangers.contains(id), now >= nextWalk else { return nil }
    let began = MonotonicClock.now()
    walk()
    nextWalk = now + Seconds(nanoseconds: (MonotonicClock.now() - began).nanoseconds * Self.timeShare)
    if let path = paths[id] { return path }
    if strangers.count >= Self.strangerLimit { strangers = [] }
    strangers.insert(id)
    return nil
  }

  /// Where the files of a cgroup are.
  package mutating func directory(of id: UInt64, at now: Instant) -> String? {
    path(of: id, at: now).map { root + $0 }
  }

  /// Every cgroup of version 2 has this file, and none of version 1.
  private static func isUnified(_ path: String) -> Bool {
    unsafe access(path + "/cgroup.controllers", F_OK) == 0
  }

  // MARK: Walking

  private mutating func walk() {
    paths = [:]
    var information = stat()
    guard unsafe stat(root, &information) == 0 else { return }
    paths[UInt64(information.st_ino)] = "/"
    var waiting = [(path: "", depth: 0)]
    var visited = 0
    while visited < waiting.count, visited < Self.directoryLimit {
      let (path, depth) = waiting[visited]
      visited += 1
      for (name, id) in Self.children(of: root + path) {
        paths[id] = "\(path)/\(name)"
        if depth < Self.depthLimit { waiting.append(("\(path)/\(name)", depth + 1)) }
      }
    }
  }

  /// Directories in a directory, with their inode numbers.
  private static func children(of path: String) -> [(name: String, id: UInt64)] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var children: [(String, UInt64)] = []
    while let entry = unsafe readdir(directory) {
      guard unsafe Int(entry.pointee.d_type) == Int(DT_DIR) else { continue }
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { octets in
        unsafe String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { children.append((name, UInt64(unsafe entry.pointee.d_ino))) }
    }
    return children
  }
}
