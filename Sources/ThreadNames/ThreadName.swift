internal import CLinux

/// What tells threads apart in `top -H` and /proc/PID/task/TID/comm, where operators pin and watch them. (Foundation's name
/// of a thread stays within the process.)
package enum ThreadName {
  /// Of the thread that calls; at most 15 octets (PR_SET_NAME).
  package static func set(_ name: String) { unsafe tcpstated_name_thread(name) }
}
