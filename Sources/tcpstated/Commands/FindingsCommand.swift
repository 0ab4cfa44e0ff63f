import ArgumentParser

struct FindingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "findings",
    abstract: "Tells what is worth a word, with advice: time-outs that do not fit, ports that run out."
  )

  @OptionGroup var options: ClientOptions

  func run() throws {
    try options.show("/api/v1/findings", as: FindingsDocument.self, rows: .findings) { document, page in
      if document.findings.isEmpty { page.add("Nothing to say.", .green) }
      page.addFindings(document.findings)
    }
  }
}
