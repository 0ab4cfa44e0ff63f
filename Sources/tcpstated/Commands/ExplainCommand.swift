import ArgumentParser
import CloseDiagnosis

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a cause or a finding: how it shows, and what to do. Without a name, lists them all."
  )

  @Argument(help: "As it is shown: no_pool, server_idle, keep-alive-mismatch, ...")
  var id: String?

  func validate() throws {
    guard let id, Explanation(id: id) == nil else { return }
    throw ValidationError("there is no cause or finding '\(id)'; tcpstated explain lists them")
  }

  func run() throws {
    var page = Page.forStandardOutput
    if let explanation = id.flatMap({ Explanation(id: $0) }) {
      page.add(explanation)
    } else {
      var table = TextTable([.left("ID"), .left("KIND"), .left("WHAT")])
      for explanation in Explanation.all {
        table.add([.init(explanation.id), .init(explanation.kind.rawValue), .init(explanation.sentence)])
      }
      page.add(table)
    }
    try Console.print(page.lines)
  }
}
