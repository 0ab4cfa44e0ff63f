internal import Monitoring

/// A place that takes closed connections. One thread has it, and may wait there.
protocol FlowSink: AnyObject {
  /// Sends them in order.
  ///
  /// - Returns: how many need not be sent again, and what kept it from sending the rest.
  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent
  /// Now and then.
  func tick(_ patience: Patience)
  /// Somebody moved the file.
  func reopen()
  func close()
}

extension FlowSink {
  func tick(_ patience: Patience) {}
  func reopen() {}
}

struct Sent: Equatable {
  /// From the beginning.
  var count: Int
  /// Among those, such as can never be sent.
  var refused = 0
  var failure: String?

  init(_ count: Int, refused: Int = 0, failure: String? = nil) {
    self.count = count
    self.refused = refused
    self.failure = failure
  }
}
