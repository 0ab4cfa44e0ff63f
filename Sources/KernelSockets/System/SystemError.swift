internal import Glibc

/// A system call that failed: what was tried, and why it did not work.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  package let operation: String
  /// An errno value.
  package let code: Int32

  package init(_ operation: String, code: Int32) {
    self.operation = operation
    self.code = code
  }

  package var description: String { "cannot \(operation): \(Self.message(code))" }

  /// For want of a privilege.
  package var isForbidden: Bool { code == EPERM || code == EACCES }

  /// What strerror says, without its static buffer.
  private static func message(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
        return "error \(code)"
      }
      return unsafe String(cString: start)
    }
  }

  /// Checks a function of CLinux, which returns -errno.
  static func check(_ operation: String, _ result: Int32) throws(SystemError) {
    if result < 0 { throw SystemError(operation, code: -result) }
  }
}
