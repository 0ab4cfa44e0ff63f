internal import CLinux

/// What the daemon may do: open packet sockets, and nothing else.
package enum Privileges {
  /// CAP_NET_RAW: packet sockets on any interface.
  package static var canCapture: Bool { tcpstated_has_net_raw() == 1 }

  /// Gives up everything but CAP_NET_RAW (reopening an interface needs it) and sets no_new_privs.
  ///
  /// Capabilities belong to a thread: call it before there are others.
  package static func keepCaptureOnly() throws(SystemError) {
    let result = tcpstated_keep_net_raw_only()
    guard result == 0 else { throw SystemError(call: "dropping privileges", code: -result) }
  }
}
