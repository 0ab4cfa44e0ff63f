import Alerting

/// Something went wrong that no retry of the same words mends: one line on standard error, exit code 1.
struct Failure: Error, Equatable, CustomStringConvertible {
  let description: String
  /// There is nobody who could have answered.
  let isUnreachable: Bool

  init(_ description: String, isUnreachable: Bool = false) {
    self.isUnreachable = isUnreachable
    // It names files and passes on what servers say.
    self.description = SafeText.escape(description)
  }
}
