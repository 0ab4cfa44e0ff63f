package import PacketDecoding

/// How long things last, and how much may be kept.
package struct TrackerSettings: Sendable {
  /// Linux's TCP_TIMEWAIT_LEN (include/net/tcp.h).
  package var timeWait = Seconds(60)
  /// When the host's kernel takes expired TIME_WAITs away; while it runs, `Tracker.setTimer` changes it.
  package var timer = TimeWaitTimer.exact
  /// When Linux gives up a SYN: `tcp_syn_retries` 6, the first of them a second apart.
  package var halfOpen = Seconds(131)
  /// A FIN that nobody acknowledges.
  package var unansweredFIN = Seconds(130)
  /// A connection of others (RFC 5382, REQ-5: 2 hours 4 minutes); nil in a file, where silence proves nothing.
  package var idleTransit: Seconds?
  /// How long an ended connection is kept for stragglers.
  package var ended = Seconds(60)
  package var capacity: Int
  /// At most this many handshakes may be incomplete.
  package var halfOpenCapacity: Int
  /// And in so many of them the server may not have answered: anybody can make those up from anywhere.
  package var unansweredCapacity: Int
  /// Of segments that were captured up to then only those with SYN, FIN or RST were.
  var controlOnlyUntil = TrackerSettings.neverControlOnly
  /// The text of some heads is kept, to be compared with those that come. Only of a file, which can be read anyway: of a
  /// host's traffic nothing that was said stays in memory.
  package var remembersHeads = false
  /// Somebody finds out who holds the sockets of local ends.
  package var asksForOwners = false
  /// And which processes have them open, which a reading of the kernel's table does not tell.
  package var asksForProcesses = false
  /// The daemon's own network namespace, which is number 0.
  var home = HostRules()
  /// The namespaces from number 1 on.
  var others: [HostRules] = []
  var interfaceNamespaces = [UInt8](repeating: 0, count: Int(UInt8.max) + 1)

  /// More only take memory, be there ever so much of it: a flood would fill it all.
  private static let mostUnanswered = 3 << 16

  package init(capacity: Int) {
    self.capacity = capacity
    halfOpenCapacity = max(1, capacity / 4)
    unansweredCapacity = min(halfOpenCapacity, Self.mostUnanswered)
  }

  /// One tracker of several, which share the connections.
  package mutating func divide(by shares: Int) {
    // Whether the whole would shed some cannot be known here; a share that does says so.
    capacity = max(capacity / shares - 1, 1)
    halfOpenCapacity = max(halfOpenCapacity / shares - 1, 1)
    unansweredCapacity = max(unansweredCapacity / shares - 1, 1)
  }
}
