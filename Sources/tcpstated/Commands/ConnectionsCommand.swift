import ArgumentParser
import Monitoring

struct ConnectionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connections",
    abstract: "Lists connections, newest first, with the states of both ends.",
    discussion: """
      The words of a filter need no quotes, as long as the shell leaves them alone:
        tcpstated connections dst 10.100.219.9:8081
        tcpstated connections state time-wait side server
        tcpstated connections dport eq 443 and not src 10.0.0.0/8
        tcpstated connections 'closed-first server (dport = :80 or dport = :8080)'

      \(FilterHelp.text)
      """
  )

  @OptionGroup var options: ClientOptions

  @Option(help: ArgumentHelp("At most this many connections (1 to 10000).", valueName: "count"))
  var limit = 100

  @Flag(help: "Under each connection the segments that opened, moved and closed it.")
  var segments = false

  @Argument(help: ArgumentHelp("Which connections; all without it.", valueName: "filter"))
  var words: [String] = []

  /// The daemon would refuse a filter just as well, but only if there is one.
  func validate() throws {
    guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000, not \(limit)") }
    _ = try FilterHelp.filter(words)
  }

  func run() throws {
    var query = [(name: "limit", value: String(limit))]
    if !words.isEmpty { query.append((name: "filter", value: words.joined(separator: " "))) }
    if segments { query.append((name: "segments", value: "true")) }
    let document = try options.show(
      "/api/v1/connections",
      query: query,
      as: ConnectionsDocument.self,
      rows: .connections
    ) { segments ? $1.addWithSegments($0) : $1.add($0) }
    if document.nextCursor != nil, options.format.isText {
      Console.note("There are more: give a higher --limit or a narrower filter.")
    }
  }
}
