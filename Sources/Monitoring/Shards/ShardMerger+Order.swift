internal import ConnectionTracking
internal import PacketDecoding

/// Whose turn it is to tell: the order is that in which one tracker would have told it all.
extension ShardMerger {
  /// Tells what came before a frame's step.
  mutating func tell(_ told: Span<EventStrand>, before frame: UInt32, _ step: UInt8) {
    while let (turn, next) = turns.next(before: frame) {
      switch turn {
      case .alone(let share, let event): tellAll(told, share, from: event, at: next)
      case .contested: tellInOrder(told, before: ShardEvent.key(next + 1, 0))
      }
    }
    guard step > 0, turns.has(frame) else { return }
    turns.contest(frame)
    tellInOrder(told, before: ShardEvent.key(frame, step))
  }

  /// Tells what one share alone has to say of a frame.
  @inline(__always)
  private mutating func tellAll(_ told: Span<EventStrand>, _ share: Int, from first: Int, at frame: UInt32) {
    let events = told[share].events.span
    let openings = told[share].openings.span
    var head = first
    repeat {
      seek(events, openings, after: head, share)
      tell(events[head], share, told)
      head += 1
    } while head < events.count && events[head].frame == frame
    heads[share] = head
  }

  /// Tells what several shares have to say.
  @inline(never)
  private mutating func tellInOrder(_ told: Span<EventStrand>, before end: UInt64) {
    for share in heads.indices { keys[share] = key(told[share], heads[share]) }
    while true {
      let (share, others) = earliest
      guard keys[share] < end else { return }
      if keys[share] < others {
        tellAll(told, share, before: min(others, end))
      } else {
        tellFirst(told, end: keys[share])
      }
    }
  }

  private func key(_ strand: EventStrand, _ head: Int) -> UInt64 {
    head < strand.events.count ? strand.events[head].key : .max
  }

  /// Whose turn it is, and when another's is. (Both may be at the same frame.)
  private var earliest: (share: Int, others: UInt64) {
    var (share, others) = (0, UInt64.max)
    for other in 1..<max(keys.count, 1) {
      if keys[other] < keys[share] {
        others = keys[share]
        share = other
      } else {
        others = min(others, keys[other])
      }
    }
    return (share, others)
  }

  /// Tells what one share alone has to say.
  private mutating func tellAll(_ told: Span<EventStrand>, _ share: Int, before end: UInt64) {
    var head = heads[share]
    let events = told[share].events.span
    let openings = told[share].openings.span
    var key: UInt64
    repeat {
      seek(events, openings, after: head, share)
      tell(events[head], share, told)
      head += 1
      key = head < events.count ? events[head].key : .max
    } while key < end
    heads[share] = head
    keys[share] = key
  }

  /// Of what several shares tell at the same frame, in the same step: what comes first.
  private mutating func tellFirst(_ told: Span<EventStrand>, end key: UInt64) {
    guard let share = next(told, at: key) else { return }
    let events = told[share].events.span
    let first = events[heads[share]]
    // What one segment does is told by one share, without a break.
    repeat {
      tell(events[heads[share]], share, told)
      heads[share] += 1
    } while heads[share] < events.count && isSame(events[heads[share]], first)
    keys[share] = heads[share] < events.count ? events[heads[share]].key : .max
  }

  private func isSame(_ event: ShardEvent, _ first: ShardEvent) -> Bool {
    event.frame == first.frame && event.step == first.step && event.queue == first.queue
      && event.deadline == first.deadline && event.connection == first.connection
  }

  private func next(_ told: Span<EventStrand>, at key: UInt64) -> Int? {
    var best: Int?
    for share in heads.indices where keys[share] == key {
      guard let earliest = best else {
        best = share
        continue
      }
      if told[share].events[heads[share]].precedes(told[earliest].events[heads[earliest]]) { best = share }
    }
    return best
  }
}
