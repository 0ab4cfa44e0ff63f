import ConnectionTracking
import Monitoring

/// What becomes of each connection of a file: a line, at once or in order, or its part in the figures.
struct Selection: ~Copyable {
  enum Purpose {
    case lines
    case linesAtOnce
    case figures
  }

  private let purpose: Purpose
  private let filter: ConnectionFilter?
  private var held: HeldConnections
  private var figures = SelectedFigures()

  init(_ purpose: Purpose, filter: ConnectionFilter?, memory: Int = 256 << 20) {
    self.purpose = purpose
    self.filter = filter
    held = HeldConnections(memory: memory)
  }

  /// Takes what has ended.
  mutating func take(from analysis: inout Analysis, to result: inout ResultFile) throws {
    for connection in analysis.takeEnded() { try take(connection, &analysis, &result) }
    if purpose == .linesAtOnce { try result.flush() }
  }

  /// Takes the rest, after the last packet.
  consuming func finish(with analysis: inout Analysis, to result: inout ResultFile) throws -> SelectedFigures {
    analysis.finish()
    try take(from: &analysis, to: &result)
    var tracked: [ConnectionView] = []
    analysis.forEachTracked { tracked.append($0) }
    tracked.sort { $0.comesBefore($1) }
    for connection in tracked { try take(connection, &analysis, &result) }
    var figures = figures
    figures.settle { analysis.cause(of: $0) }
    try held.forEach { try result.write(AnalysisJSON.line(analysis.record($0))) }
    return figures
  }

  private mutating func take(
    _ connection: ConnectionView,
    _ analysis: inout Analysis,
    _ result: inout ResultFile
  ) throws {
    if let filter, !filter.matches(analysis.record(connection)) { return }
    switch purpose {
    case .lines: try held.add(connection)
    case .linesAtOnce:
      try result.write(AnalysisJSON.line(analysis.record(connection)))
      analysis.forget(connection)
    case .figures: figures.add(connection)
    }
  }
}
