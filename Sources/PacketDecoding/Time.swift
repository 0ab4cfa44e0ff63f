/// A moment of the wall clock: nanoseconds since 1970-01-01 00:00 UTC. What packets carry.
@usableFromInline
package struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package let nanoseconds: Int64

  @inlinable @inline(__always)
  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @inlinable @inline(__always)
  package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// A moment of the engine's clock, which never goes back: CLOCK_MONOTONIC live, packet time for a file. Nanoseconds.
@usableFromInline
package struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package let nanoseconds: Int64

  @inlinable @inline(__always)
  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @inlinable @inline(__always)
  package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  @inlinable @inline(__always)
  package static func + (instant: Instant, seconds: Seconds) -> Instant {
    Instant(nanoseconds: instant.nanoseconds &+ seconds.nanoseconds)
  }

  /// The time from `earlier` to `later`, negative when they are the other way round.
  @inlinable @inline(__always)
  package static func - (later: Instant, earlier: Instant) -> Seconds {
    Seconds(nanoseconds: later.nanoseconds &- earlier.nanoseconds)
  }
}

/// A span of time, in nanoseconds. (`Duration` has 128 bits, twice what a connection can afford.)
@usableFromInline
package struct Seconds: Hashable, Comparable, Sendable, BitwiseCopyable {
  @usableFromInline package let nanoseconds: Int64

  @inlinable @inline(__always)
  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @inlinable @inline(__always)
  package init(_ seconds: Int64) {
    self.nanoseconds = seconds &* 1_000_000_000
  }

  @inlinable package static var zero: Seconds { Seconds(nanoseconds: 0) }

  @inlinable
  package var value: Double { Double(nanoseconds) / 1e9 }

  @inlinable @inline(__always)
  package static func < (a: Seconds, b: Seconds) -> Bool { a.nanoseconds < b.nanoseconds }
}
