import ArgumentParser

struct PeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "Lists the busiest clients of each service: who opens a new connection each time."
  )

  @OptionGroup var options: ClientOptions

  func run() throws {
    try options.show("/api/v1/peers", as: PeersDocument.self, rows: .peers) { document, page in
      page.add(Page.peersTable(document.peers))
    }
  }
}
