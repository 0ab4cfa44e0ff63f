import ArgumentParser

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Looks at this host and says what is missing, and how to mend it.",
    discussion: "A line a finding: ok, warn or fail. Exits with 1 when something fails."
  )

  @Option(
    help: ArgumentHelp("The configuration (\(CheckConfigCommand.standardPath) if there is one).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var config: String?

  func run() throws {
    let findings = HostFacts.read(configuration: config).findings
    var page = Page.forStandardOutput
    findings.forEach { page.add($0) }
    try Console.print(page.lines)
    if findings.contains(where: { $0.level == .fail }) { throw ExitCode.failure }
  }
}
