import ArgumentParser

struct DestinationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destinations",
    abstract: "Lists where this host's clients connect to, by the ports in use, and when they run out."
  )

  @OptionGroup var options: ClientOptions

  func run() throws {
    try options.show("/api/v1/destinations", as: DestinationsDocument.self, rows: .destinations) { document, page in
      page.add(Page.destinationsTable(document.destinations))
    }
  }
}
