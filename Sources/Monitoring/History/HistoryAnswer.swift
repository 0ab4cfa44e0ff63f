package import Alerting
package import CloseDiagnosis
package import PacketDecoding

/// What the history says.
package struct HistoryAnswer: Sendable {
  package enum Rows: Sendable {
    /// Of the host or of one service, and how long each step is.
    case samples([FigureSample], step: Seconds)
    case services([ServicePast])
    /// Of one destination.
    case ports([PortPast], step: Seconds)
    case destinations([PortPast])
    case causes([CauseCount])
    case alerts([AlertStatus])
    case findings([FindingPast])
  }

  package var range: HistoryRange
  package var rows: Rows
  /// The earliest minute that is known; nil when there is none.
  package var oldest: Timestamp?
  /// What keeps it from being whole; nil when nothing does.
  package var problem: String?

  package init(range: HistoryRange, rows: Rows) {
    self.range = range
    self.rows = rows
  }
}

/// One service over the whole of a time.
package struct ServicePast: Sendable, Equatable {
  /// As labels of metrics have it: an address with a port, or `other`.
  package var service: String
  package var figures: FigureSample
  package var causes: [CauseCount] = []

  package init(service: String, figures: FigureSample) {
    self.service = service
    self.figures = figures
  }
}

package struct CauseCount: Sendable, Equatable {
  package var cause: String
  package var count: Int

  package init(cause: String, count: Int) {
    self.cause = cause
    self.count = count
  }
}

/// The ports that one address held towards one destination: the most at a time, and what did not come to be.
package struct PortPast: Sendable, Equatable {
  package var time: Timestamp
  package var address: String
  package var destination: String
  package var held = 0
  package var timeWait = 0
  package var used = 0
  package var refused = 0
  package var unanswered = 0

  package init(time: Timestamp, address: String, destination: String) {
    self.time = time
    self.address = address
    self.destination = destination
  }
}

/// A finding, and from when to when it was there.
package struct FindingPast: Sendable {
  package var first: Timestamp
  package var last: Timestamp
  package var finding: Finding

  package init(first: Timestamp, last: Timestamp, finding: Finding) {
    self.first = first
    self.last = last
    self.finding = finding
  }
}

/// How the history fares.
package struct HistoryStatus: Sendable, Equatable {
  package enum State: String, Sendable {
    /// Nobody asked for a file: what is known ends with the daemon.
    case memory
    case ok
    /// Something keeps it from being written; what waits is written later.
    case failing
  }

  package var state = State.memory
  /// What is wrong.
  package var problem: String?
  /// Written since start.
  package var rows = 0
  /// Of the file.
  package var bytes = 0
  /// Minutes that wait to be written.
  package var waiting = 0
  /// Attempts that failed, and minutes that were given up, since start.
  package var errors = 0
  package var lost = 0

  package init() {}
}
