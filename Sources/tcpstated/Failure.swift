import Alerting

/// Something went wrong that no retry of the same words mends: one line on standard error, exit code 1.
struct Failure: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    // It names files and passes on what servers say.
    self.description = SafeText.escape(description)
  }
}
