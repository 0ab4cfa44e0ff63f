import Alerting
import ArgumentParser
import Settings

struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Reads a configuration and says what is wrong in it, with line and column.",
    discussion: """
      Examples:
        tcpstated check-config --explain
        tcpstated check-config new.yaml && cp new.yaml \(standardPath)
      """
  )

  /// Where the unit and the installation put it.
  static let standardPath = "/etc/tcpstated/tcpstated.yaml"

  @Argument(
    help: ArgumentHelp("The configuration.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var file = standardPath

  @Flag(help: "Say what each alert rule does, and where alerts are sent, a sentence each.")
  var explain = false

  func run() throws {
    do {
      let settings = try Settings.load(path: file)
      try Console.print(
        ["\(file): valid, \(Figure.count(settings.alerts.count, "alert rule"))"]
          + (explain ? (settings.alerts.map(\.sentence) + settings.delivery.sentences).map { "  \($0)" } : [])
      )
    } catch let found as SettingsErrors {
      found.errors.forEach { Console.note(SafeText.escape($0.description)) }
      throw ExitCode.failure
    }
  }
}
