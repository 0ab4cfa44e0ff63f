/// Hears of each connection that the daemon opens itself, so that it is in no figure.
package struct OwnTraffic: Sendable {
  /// Calls back when packets of the connection are left out: before that, none may be sent.
  package var begin: @Sendable (OwnConnection, @escaping @Sendable () -> Void) -> Void
  /// Its last packets may still come.
  package var end: @Sendable (OwnConnection) -> Void

  package init(
    begin: @escaping @Sendable (OwnConnection, @escaping @Sendable () -> Void) -> Void,
    end: @escaping @Sendable (OwnConnection) -> Void
  ) {
    self.begin = begin
    self.end = end
  }

  /// Where nothing is captured, nothing has to be left out.
  package static let none = OwnTraffic(begin: { $1() }, end: { _ in })
}
