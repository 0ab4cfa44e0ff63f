import ArgumentParser
import Foundation

/// What all commands take that ask a daemon.
struct ClientOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the daemon answers: http://HOST:PORT or unix:/PATH.", valueName: "url"))
  var url = DaemonURL.standard

  @Option(help: "text, or json as the API gives it.")
  var format = Format.text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  /// Asks, and prints the answer as it was asked for.
  @discardableResult
  func show<Document: Decodable>(
    _ path: String,
    query: [(name: String, value: String)] = [],
    as type: Document.Type,
    _ render: (Document, inout Page) -> Void
  ) throws -> Document {
    let answer = try DaemonClient(url: url).get(type, from: path, query: query)
    switch format {
    case .json: try Console.write(answer.body + (answer.body.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]))
    case .text:
      var page = Page.forStandardOutput
      render(answer.document, &page)
      try Console.print(page.lines)
    }
    return answer.document
  }
}

extension DaemonURL: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
