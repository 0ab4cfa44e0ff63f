internal import PacketDecoding

/// From the first packet to the last, in their own time: they may come out of order.
struct CapturedSpan {
  private var earliest = Int64.max
  private var latest = Int64.min

  var first: Timestamp? { earliest <= latest ? Timestamp(nanoseconds: earliest) : nil }
  var last: Timestamp? { earliest <= latest ? Timestamp(nanoseconds: latest) : nil }

  @inline(__always)
  mutating func note(_ captured: Timestamp) {
    earliest = min(earliest, captured.nanoseconds)
    latest = max(latest, captured.nanoseconds)
  }
}
