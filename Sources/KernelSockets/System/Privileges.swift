internal import CLinux
internal import Glibc

/// What the process may do. A daemon that watches needs CAP_NET_RAW to open captures, and nothing else
/// (capabilities(7)).
///
/// Capabilities, the bounding set and no_new_privs belong to a thread: call `restrict` before others exist. (Those that
/// start later inherit.) It checks that others gave up theirs, because a thread left behind would keep everything.
package enum Privileges {
  private static let netRaw: UInt32 = 13
  private static let setGroup: UInt32 = 6
  private static let setUser: UInt32 = 7
  private static let setCapabilities: UInt32 = 8
  private static let readAnything: UInt32 = 2
  private static let traceProcesses: UInt32 = 19
  /// Both are needed to see what processes of other users have open (proc_pid_fd(5)).
  private static let seeProcesses = bit(traceProcesses) | bit(readAnything)

  /// Whether this thread may open packet sockets in the current network namespace's user namespace.
  package static var hasNetRaw: Bool {
    guard let held = try? capabilities() else { return false }
    return held.effective & bit(netRaw) != 0
  }

  /// Whether this thread may see what processes of other users have open.
  package static var mayWatchProcesses: Bool {
    guard let held = try? capabilities() else { return false }
    return held.effective & seeProcesses == seeProcesses
  }

  /// For the thread that looks at processes, and does nothing else: gives up all but what that needs.
  package static func keepOnlyProcesses() throws(SystemError) {
    try apply(nil, keeping: seeProcesses)
  }

  /// Gives up all but CAP_NET_RAW, for good: nothing executed later gets more, and not even that.
  ///
  /// - Parameter user: whom to become; possible when started as root. nil stays who it is.
  package static func restrict(to user: UserIdentity? = nil) throws(SystemError) {
    let held = try capabilities()
    let holdsMore = (held.permitted | held.inheritable) & ~bit(netRaw) != 0
    if user != nil || holdsMore, othersHoldMore() || user != nil && threads().count > 1 {
      throw SystemError("give up privileges after threads were started", code: EBUSY)
    }
    try apply(user)
  }

  /// `restrict` for the calling thread, whatever others there are.
  static func apply(_ user: UserIdentity?) throws(SystemError) {
    try apply(user, keeping: bit(netRaw))
  }

  private static func apply(_ user: UserIdentity?, keeping wanted: UInt64) throws(SystemError) {
    let held = try capabilities()
    if held.effective & bit(setCapabilities) != 0 { try emptyBoundingSet() }
    // Root's groups (disk, shadow) are more than a watcher needs. A user namespace may forbid to change them
    // (user_namespaces(7), setgroups), which matters only to who becomes somebody else.
    if held.effective & bit(setGroup) != 0 {
      let result = tcpstated_clear_groups()
      if user != nil || result != -EPERM { try check("give up groups", result) }
    }
    if let user, user.uid != geteuid() || user.gid != getegid() { try become(user) }
    try check("clear the ambient capabilities", ignoringUnknown(tcpstated_ambient_clear()))
    try keepOnly(wanted, of: held)
    try check("set no_new_privs", tcpstated_no_new_privileges())
  }
}

extension Privileges {
  private static func bit(_ capability: UInt32) -> UInt64 { 1 << UInt64(capability) }

  private static func check(_ operation: String, _ result: Int32) throws(SystemError) {
    try SystemError.check(operation, result)
  }

  /// A kernel that does not know a control has nothing to clear there.
  private static func ignoringUnknown(_ result: Int32) -> Int32 { result == -EINVAL ? 0 : result }

  private static func capabilities() throws(SystemError) -> tcpstated_capabilities {
    var held = tcpstated_capabilities()
    try check("read capabilities", unsafe tcpstated_capabilities_get(&held))
    return held
  }

  /// Numbers beyond the kernel's last capability are refused, which ends the walk.
  private static func emptyBoundingSet() throws(SystemError) {
    for capability in UInt32(0)..<64 where capability != netRaw {
      switch tcpstated_bounding_has(capability) {
      case 1: try check("drop capability \(capability)", tcpstated_bounding_drop(capability))
      case 0: break
      default: return
      }
    }
  }

  private static func become(_ user: UserIdentity) throws(SystemError) {
    try check("keep capabilities", tcpstated_keep_capabilities(1))
    try check("become group \(user.gid)", tcpstated_set_group(user.gid))
    try check("become user \(user.uid)", tcpstated_set_user(user.uid))
    try check("keep capabilities", tcpstated_keep_capabilities(0))
  }

  /// The effective set is empty after a change of user; it is filled from the permitted one here.
  ///
  /// Who holds nothing more is left as it is: a service manager that granted just CAP_NET_RAW may forbid capset(2)
  /// (systemd's @privileged). What stays inheritable then is lost with no_new_privs.
  private static func keepOnly(_ allowed: UInt64, of held: tcpstated_capabilities) throws(SystemError) {
    let kept = held.permitted & allowed
    let now = try capabilities()
    if now.permitted == kept, now.effective == kept, held.inheritable & ~allowed == 0 { return }
    var wanted = tcpstated_capabilities(effective: kept, permitted: kept, inheritable: 0)
    try check("give up capabilities", unsafe tcpstated_capabilities_set(&wanted))
  }

  /// Whether another thread may do what this one is about to give up, but for the one that looks at processes.
  private static func othersHoldMore() -> Bool {
    let own = String(tcpstated_thread_id())
    return threads().contains { thread in
      thread != own && permitted(ofThread: thread).map { $0 & ~(bit(netRaw) | seeProcesses) != 0 } ?? true
    }
  }

  /// Nil when it cannot be read.
  private static func permitted(ofThread thread: String) -> UInt64? {
    guard let file = unsafe fopen("/proc/self/task/\(thread)/status", "re") else { return nil }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, Int32(line.count), file) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(whereSeparator: \.isWhitespace)
      if words.first == "CapPrm:", words.count == 2 { return UInt64(words[1], radix: 16) }
    }
    return nil
  }

  /// The numbers of all threads; none when /proc is not there to ask.
  private static func threads() -> [String] {
    guard let directory = unsafe opendir("/proc/self/task") else { return [] }
    defer { unsafe closedir(directory) }
    var threads: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      // "." and ".." are no threads.
      if !name.hasPrefix(".") { threads.append(name) }
    }
    return threads
  }
}
