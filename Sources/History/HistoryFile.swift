internal import GRDB
package import Monitoring
package import PacketDecoding

/// The file of a daemon that does not run: it is read, never written.
package struct HistoryFile {
  private let archive: Archive
  private let path: String

  package struct Fault: Error, CustomStringConvertible {
    package let description: String
  }

  package init(reading path: String) throws(Fault) {
    self.path = path
    archive = try Self.reported(path) { try Archive(reading: path) }
  }

  package func answer(_ query: HistoryQuery, now: Timestamp) throws(Fault) -> HistoryAnswer {
    let range = query.range(now: now)
    return try Self.reported(path) {
      var answer = HistoryAnswer(range: range, rows: try archive.read(query, range))
      answer.oldest = try archive.oldest().map(Timestamp.init(minute:))
      return answer
    }
  }

  private static func reported<Result>(_ path: String, _ body: () throws -> Result) throws(Fault) -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw Fault(description: "cannot read \(path): \(error.message ?? "\(error.resultCode)")")
    } catch {
      throw Fault(description: "cannot read \(path): \(error)")
    }
  }
}
