import Alerting
import ArgumentParser
import PacketDecoding
import Settings

struct SilenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence",
    abstract: "Keeps alerts from being delivered for a planned while; they fire and are shown all the same.",
    discussion: """
      Asks the daemon over its Unix socket (http.socket in the configuration).
      """,
    subcommands: [Add.self, List.self, Expire.self]
  )

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add",
      abstract: "Begins a silence, now.",
      discussion: """
        A matcher is KEY=VALUE, KEY!=VALUE, KEY~PATTERN or KEY!~PATTERN, where * in a
        pattern stands for anything. Keys: rule (the name of the alert), severity,
        side, service, destination, peer, unit. An alert is silenced when all fit. An
        alert by host is about no service, peer or unit.

        When the silence ends while an alert fires, it is delivered then.

        Examples:
          tcpstated silence add --for 1h --comment 'release 12' service=10.0.0.1:8081
          tcpstated silence add --for 30m 'unit~nginx*' severity!=critical
        """
    )

    @Option(
      name: .customLong("for"),
      help: ArgumentHelp("How long, such as 30m or 2h.", valueName: "duration"),
      transform: LookBack.read
    )
    var span: LookBack

    @Option(help: ArgumentHelp("Why, for those who see it.", valueName: "text"))
    var comment = ""

    @OptionGroup var place: SocketOption

    @Argument(help: ArgumentHelp("Which alerts: all that fit each of these.", valueName: "matcher"))
    var matchers: [String]

    func validate() throws {
      for matcher in matchers {
        do throws(SilenceFault) {
          _ = try SilenceMatcher(parsing: matcher)
        } catch {
          throw ValidationError(error.description)
        }
      }
    }

    func run() throws {
      let query = [
        (name: "match", value: matchers.joined(separator: "\n")), (name: "for", value: "\(span.seconds)"),
        (name: "comment", value: comment),
      ]
      let (silence, _) = try place.client.ask(SilenceLine.self, .post, "/api/v1/silences", query: query)
      try Console.print([
        SafeText.escape("\(silence.id) until \(silence.endsAt): \(silence.matchers.joined(separator: " "))"),
        silence.held,
      ])
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the silences that hold.")

    @OptionGroup var options: ClientOptions

    func run() throws {
      try options.show("/api/v1/silences", as: SilencesDocument.self, rows: .silences) { document, page in
        page.addSilences(document.silences, time: document.time)
      }
    }
  }

  struct Expire: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "expire",
      abstract: "Ends a silence before its time.",
      discussion: """
        Examples:
          tcpstated silence expire 3f2a90c1
        """
    )

    @OptionGroup var place: SocketOption

    @Argument(help: ArgumentHelp("As silence list shows it.", valueName: "id"))
    var id: String

    func run() throws {
      let query = [(name: "id", value: id)]
      let (silence, _) = try place.client.ask(SilenceLine.self, .delete, "/api/v1/silences", query: query)
      try Console.print([SafeText.escape("\(silence.id) is over: \(silence.matchers.joined(separator: " "))")])
    }
  }
}
