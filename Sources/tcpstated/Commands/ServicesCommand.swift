import ArgumentParser

struct ServicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services",
    abstract: "Lists services (a server's address and port) by ends in TIME_WAIT, with who closes first."
  )

  @OptionGroup var options: ClientOptions

  func run() throws {
    try options.show("/api/v1/services", as: ServicesDocument.self, rows: .services) { document, page in
      page.add(Page.servicesTable(document.services))
      guard let lingering = document.lingering, !lingering.isEmpty else { return }
      page.gap()
      page.add(Page.lingeringTable(lingering))
    }
  }
}
