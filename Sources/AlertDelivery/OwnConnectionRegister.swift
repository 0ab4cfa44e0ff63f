package import Monitoring

/// Hears of each connection before its first packet is sent, so that it is in no figure.
package protocol OwnConnectionRegister: Sendable {
  /// Returns when packets of the connection are left out.
  func begin(_ connection: OwnConnection) async
  /// Its last packets may still come.
  func end(_ connection: OwnConnection)
}

/// Where nothing is captured, nothing has to be left out.
package struct NoRegister: OwnConnectionRegister {
  package init() {}
  package func begin(_ connection: OwnConnection) async {}
  package func end(_ connection: OwnConnection) {}
}
