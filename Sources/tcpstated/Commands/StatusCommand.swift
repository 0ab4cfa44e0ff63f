import ArgumentParser

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows what the daemon sees, on one screen.",
    discussion: "Exits with 3 when an alert is firing, so that a script can ask: tcpstated status >/dev/null || …"
  )

  /// What `status` exits with while an alert is firing.
  static let alertIsFiring = ExitCode(3)

  @OptionGroup var options: ClientOptions

  func run() throws {
    let status = try options.show("/api/v1/status", as: StatusDocument.self, rows: nil) { $1.add($0) }
    if status.live.alerts?.contains(where: \.isFiring) == true { throw Self.alertIsFiring }
  }
}
