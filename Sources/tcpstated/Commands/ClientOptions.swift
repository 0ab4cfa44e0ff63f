import ArgumentParser
import Foundation

/// What all commands take that ask a daemon.
struct ClientOptions: ParsableArguments {
  @OptionGroup var daemon: DaemonOption

  @Option(
    help: """
      text (the same: table), json as the API gives it, jsonl and csv for lists: a row a line.
      """
  )
  var format = Format.text

  @Option(
    help: ArgumentHelp("Show it again every so many seconds (0.2 to 3600), until interrupted.", valueName: "seconds")
  )
  var watch: Double?

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, table, json, jsonl, csv

    var isText: Bool { self == .text || self == .table }
  }

  func validate() throws {
    guard (watch ?? 1) >= 0.2, (watch ?? 1) <= 3600 else {
      throw ValidationError("--watch is 0.2 to 3600 seconds, not \(watch ?? 0)")
    }
  }

  /// Asks, and prints the answer as it was asked for.
  ///
  /// - Parameter rows: the list in it; nil where there is none.
  @discardableResult
  func show<Document: Decodable>(
    _ path: String,
    query: [(name: String, value: String)] = [],
    as type: Document.Type,
    rows: RowList?,
    _ render: (Document, inout Page) -> Void
  ) throws -> Document {
    if rows == nil, format == .csv || format == .jsonl {
      throw ValidationError("--format \(format) is for lists: services, connections, peers, ...")
    }
    let client = DaemonClient(url: daemon.url)
    if let watch {
      try Watch(pause: watch).run { try text(of: client.get(type, from: path, query: query), rows, render) }
    }
    let answer = try client.get(type, from: path, query: query)
    try Console.write(text(of: answer, rows, render))
    return answer.document
  }

  /// Prints an answer that no daemon gave.
  func show<Document: Decodable>(
    _ body: [UInt8],
    as type: Document.Type,
    rows: RowList,
    _ render: (Document, inout Page) -> Void
  ) throws {
    let document = try JSONDecoder.ofTheAPI.decode(type, from: Data(body))
    try Console.write(text(of: (document, body), rows, render))
  }

  private func text<Document>(
    of answer: (document: Document, body: [UInt8]),
    _ rows: RowList?,
    _ render: (Document, inout Page) -> Void
  ) throws -> [UInt8] {
    switch format {
    case .json: return answer.body + (answer.body.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")])
    case .jsonl: return RowText.lines(try list(answer.body, rows))
    case .csv: return RowText.csv(try list(answer.body, rows), columns: rows?.columns ?? [])
    case .text, .table:
      var page = Page.forStandardOutput
      render(answer.document, &page)
      return Array((page.lines.joined(separator: "\n") + "\n").utf8)
    }
  }

  private func list(_ body: [UInt8], _ rows: RowList?) throws -> [JSONPart] {
    guard let document = try? JSONPart(body), case .array(let list) = rows.flatMap({ document[$0.name] })?.kind else {
      throw Failure(
        "what answers at \(daemon.url) is not this daemon, or of another version: no list of \(rows?.name ?? "rows")"
      )
    }
    return list
  }
}
