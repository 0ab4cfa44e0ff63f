import CloseDiagnosis
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
  mutating func take(from analysis: inout some AnalysisEngine & ~Copyable, to result: inout ResultFile) throws {
    for ended in analysis.takeEnded() { try take(ended.connection, ended.cause, &analysis, &result) }
    if purpose == .linesAtOnce { try result.flush() }
  }

  /// Takes the rest, after the last packet.
  consuming func finish(
    with analysis: inout some AnalysisEngine & ~Copyable,
    to result: inout ResultFile
  ) throws -> SelectedFigures {
    analysis.finish()
    try take(from: &analysis, to: &result)
    var tracked: [ConnectionView] = []
    analysis.forEachTracked { tracked.append($0) }
    tracked.sort { $0.comesBefore($1) }
    for connection in tracked {
      try take(connection, analysis.verdict(of: connection.detail.serial), &analysis, &result)
    }
    figures.settle { analysis.verdict(of: $0)?.cause }
    try held.forEach { connection in
      let record = analysis.record(connection, analysis.verdict(of: connection.detail.serial))
      try result.write(AnalysisJSON.line(record))
    }
    return figures
  }

  private mutating func take(
    _ connection: ConnectionView,
    _ verdict: CauseVerdict?,
    _ analysis: inout some AnalysisEngine & ~Copyable,
    _ result: inout ResultFile
  ) throws {
    if let filter, !filter.matches(analysis.record(connection, verdict)) { return }
    switch purpose {
    case .lines: try held.add(connection)
    case .linesAtOnce:
      try result.write(AnalysisJSON.line(analysis.record(connection, verdict)))
      analysis.forget(connection)
    case .figures: figures.add(connection)
    }
  }
}
