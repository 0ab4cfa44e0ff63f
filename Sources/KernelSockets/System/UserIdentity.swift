internal import Glibc

/// A user and its primary group.
package struct UserIdentity: Hashable, Sendable {
  package let uid: UInt32
  package let gid: UInt32

  package init(uid: UInt32, gid: UInt32) {
    self.uid = uid
    self.gid = gid
  }

  /// Looks a user up by name (getpwnam(3)).
  package init(name: String) throws(SystemError) {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16 * 1024)
    let code = unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
    guard unsafe found != nil else {
      throw SystemError("find the user \(name)", code: code == 0 ? ENOENT : code)
    }
    self.init(uid: unsafe entry.pw_uid, gid: unsafe entry.pw_gid)
  }
}
