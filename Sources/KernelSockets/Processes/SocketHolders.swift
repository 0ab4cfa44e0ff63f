internal import Glibc
package import PacketDecoding

/// Which process has a socket open, by the links in /proc/PID/fd. Those of other users can be read with CAP_SYS_PTRACE and
/// CAP_DAC_READ_SEARCH (proc_pid_fd(5)); what cannot be read is as if it held none.
package struct SocketHolders: Sendable {
  /// A socket by its number in sockfs, with the directory of the control group it was made in, where its holders most
  /// likely are.
  package struct Socket: Hashable, Sendable {
    package var inode: UInt32
    package var cgroup: String?

    package init(inode: UInt32, cgroup: String?) {
      self.inode = inode
      self.cgroup = cgroup
    }
  }

  /// The process that held the last one of the group: it is looked at first.
  private var latest: [String: Int32] = [:]
  private var nextWalk = Instant(nanoseconds: .min)

  private static let groupLimit = 4096
  /// Walking through all processes takes at most this share of the time.
  private static let timeShare: Int64 = 20

  package init() {}

  /// Those of which a process is found; first in their groups, then, not too often, among all processes: a login leaves
  /// the group in which its connection was accepted.
  package mutating func find(_ sockets: Set<Socket>, at now: Instant) -> [UInt32: ProcessName] {
    var found: [UInt32: ProcessName] = [:]
    var lost: Set<UInt32> = []
    for (cgroup, members) in Dictionary(grouping: sockets, by: \.cgroup) {
      var wanted = Set(members.map(\.inode))
      if let cgroup { find(&wanted, in: cgroup, &found) }
      lost.formUnion(wanted)
    }
    guard !lost.isEmpty, now >= nextWalk else { return found }
    let began = MonotonicClock.now()
    for process in Processes.all() where !lost.isEmpty { take(from: process, &lost, &found) }
    let took = MonotonicClock.now() - began
    nextWalk = now + Seconds(nanoseconds: took.nanoseconds * Self.timeShare)
    return found
  }

  /// The only process in its group that has it open; nil when there are several, as with workers that share a listener.
  package func soleHolder(of socket: Socket) -> ProcessName? {
    guard let cgroup = socket.cgroup else { return nil }
    var holder: Int32?
    for process in Processes.inGroup(cgroup) {
      guard Processes.sockets(of: process).contains(socket.inode) else { continue }
      guard holder == nil else { return nil }
      holder = process
    }
    return holder.flatMap(Processes.name)
  }

  private mutating func find(_ wanted: inout Set<UInt32>, in cgroup: String, _ found: inout [UInt32: ProcessName]) {
    var processes = Processes.inGroup(cgroup)
    if let first = latest[cgroup], let index = processes.firstIndex(of: first) { processes.swapAt(0, index) }
    for process in processes where !wanted.isEmpty {
      guard take(from: process, &wanted, &found) else { continue }
      if latest.count >= Self.groupLimit { latest = [:] }
      latest[cgroup] = process
    }
  }

  @discardableResult
  private func take(from process: Int32, _ wanted: inout Set<UInt32>, _ found: inout [UInt32: ProcessName]) -> Bool {
    let held = Processes.sockets(of: process).intersection(wanted)
    guard !held.isEmpty, let name = Processes.name(of: process) else { return false }
    for inode in held { found[inode] = name }
    wanted.subtract(held)
    return true
  }
}

/// A process as ps shows it. It chooses its name itself.
package struct ProcessName: Hashable, Sendable {
  package var pid: Int32
  package var command: String

  package init(pid: Int32, command: String) {
    self.pid = pid
    self.command = command
  }
}
