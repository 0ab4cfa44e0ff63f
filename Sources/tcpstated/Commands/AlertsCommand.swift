import ArgumentParser

struct AlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts",
    abstract: "Lists alerts that are pending, firing, or were resolved within the last hour."
  )

  @OptionGroup var options: ClientOptions

  func run() throws {
    try options.show("/api/v1/alerts", as: AlertsDocument.self, rows: .alerts) { document, page in
      page.addAlerts(document.alerts, time: document.time)
    }
  }
}
