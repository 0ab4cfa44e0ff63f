import ArgumentParser
import Foundation
import Glibc

struct SupportBundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "support-bundle",
    abstract: "Collects for a bug report what the daemon and this host say, with addresses and names replaced.",
    discussion: """
      Says what it holds, and asks on a terminal, before it writes a tar.gz that its
      owner alone may read. Look into it before you send it.

      Examples:
        tcpstated support-bundle
        tcpstated support-bundle --list
        tcpstated support-bundle --keep-names --output /tmp/bundle.tar.gz
      """
  )

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write (tcpstated-support-TIME.tar.gz here).", valueName: "file"),
    completion: .file(extensions: ["gz"])
  )
  var output: String?

  @OptionGroup var daemon: DaemonOption

  @Option(
    help: ArgumentHelp("The configuration (\(CheckConfigCommand.standardPath) if there is one).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"])
  )
  var config: String?

  @Option(help: ArgumentHelp("How many lines of the journal (1 to 100000).", valueName: "count"))
  var logLines = 500

  @Flag(help: "Leave IP addresses as they are.")
  var keepAddresses = false

  @Flag(help: "Leave the names of hosts, units and labels as they are.")
  var keepNames = false

  @Flag(help: "Only say what it would hold.")
  var list = false

  @Flag(name: .shortAndLong, help: "Do not ask before it is written.")
  var yes = false

  func validate() throws {
    guard (1...100_000).contains(logLines) else {
      throw ValidationError("--log-lines is 1 to 100000, not \(logLines)")
    }
  }

  func run() throws {
    var options = SupportBundle.Options()
    (options.url, options.configuration, options.logLines) = (daemon.url, config, logLines)
    (options.keepsAddresses, options.keepsNames) = (keepAddresses, keepNames)
    let bundle = SupportBundle(options)
    let name = "tcpstated-support-" + Self.time()
    let path = output ?? "\(name).tar.gz"
    describe(bundle, path)
    guard !list, yes || isWanted() else { return }
    // Who talks to whom is nobody else's business.
    umask(0o077)
    var file = try ResultFile(path: path)
    try file.write(try bundle.archive(named: name))
    try file.finish()
    if path != "-" { Console.note("wrote \(path)") }
  }

  /// Beside the results: the bundle may go to standard output.
  private func describe(_ bundle: SupportBundle, _ path: String) {
    var page = Page()
    page.add("\(path) \(list ? "would hold" : "will hold"):")
    var table = TextTable([.left("FILE"), .right("OCTETS"), .left("WHAT")])
    for part in bundle.parts {
      table.add([.init(part.name), .init(Figure.count(part.content.count)), .init(part.what)])
    }
    page.add(table)
    page.add(keepAddresses ? "IP addresses are the real ones." : "IP addresses are replaced by others.")
    page.add(keepNames ? "Names are the real ones." : "Names of this host, of units and labels are replaced.")
    page.lines.forEach { Console.note($0) }
  }

  /// Without somebody to ask it was wanted, or the command would not have been given.
  private func isWanted() -> Bool {
    guard Console.isTerminal(Console.input), Console.isTerminal(Console.error) else { return true }
    try? Descriptor.write(Array("Write it? [y/N] ".utf8), to: Console.error)
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }

  /// `20261121T143000Z`
  private static func time() -> String {
    Date().ISO8601Format().filter { $0 != "-" && $0 != ":" }
  }
}
