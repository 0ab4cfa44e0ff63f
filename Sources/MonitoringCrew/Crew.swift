internal import Foundation
internal import Monitoring
internal import Synchronization
internal import ThreadNames

/// The threads that take shares of the connections, and the one that keeps the books.
final class Crew: Sendable {
  /// Blocks that nobody uses.
  let free = WorkQueue<Job>()
  /// Connections that left, in order.
  let left = Mutex<[ShardMerger.Ended]>([])
  let hasShed = Mutex(false)
  /// The first frames show that one thread would be as fast.
  let gainsNothing = Mutex(false)
  private let queues: [WorkQueue<Job>]
  private let books = WorkQueue<Job>()
  private let ended = DispatchSemaphore(value: 0)
  private let shards: [Member]
  private let keeper: Keeper

  /// What one thread alone touches until it has ended.
  private final class Member: @unchecked Sendable {
    let box: ShardedMonitor.ShardBox
    init(_ box: ShardedMonitor.ShardBox) { self.box = box }
  }

  private final class Keeper: @unchecked Sendable {
    var merger: ShardMerger?
    init(_ merger: consuming ShardMerger) { self.merger = consume merger }

    private var gain = Gain()

    func take(_ block: FrameBlock) -> [ShardMerger.Ended] { merger?.take(block) ?? [] }

    /// Whether one thread would be as fast, as far as is known after another job.
    func gainsNothing(after job: Job) -> Bool {
      guard let measure = job.measure(opened: merger?.opened ?? 0) else { return false }
      gain.note(measure)
      return gain.isLost
    }
  }

  init(_ settings: MonitorSettings, shares: Int, blocks: Int) {
    queues = (0..<shares).map { _ in WorkQueue<Job>() }
    shards = (0..<shares).map { Member(ShardedMonitor.ShardBox(Shard(settings, number: $0, of: shares))) }
    keeper = Keeper(ShardMerger(settings, shares: shares))
    for _ in 0..<blocks { free.add(Job(shares: shares)) }
    for share in 0..<shares { start("share-\(share)") { [self] in work(share) } }
    start("books") { [self] in keepBooks() }
  }

  private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread { [ended] in
      ThreadName.set(name)
      body()
      ended.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func work(_ share: Int) {
    let box = shards[share].box
    while let job = queues[share].next() {
      job.take { box.shard.take(job.block) }
      if box.shard.hasShed { hasShed.withLock { $0 = true } }
      job.noteTaken()
    }
  }

  private func keepBooks() {
    while let job = books.next() {
      job.awaitTaken()
      let gone = keeper.take(job.block)
      if !gone.isEmpty { left.withLock { $0 += gone } }
      if keeper.gainsNothing(after: job) { gainsNothing.withLock { $0 = true } }
      free.add(job)
    }
  }

  /// All shares take it, and then it is told of in the books.
  func hand(_ job: Job) {
    for queue in queues { queue.add(job) }
    books.add(job)
  }

  /// Waits until all is done, and gives back what the threads had.
  func finish() -> [ShardedMonitor.ShardBox] {
    for queue in queues { queue.add(nil) }
    books.add(nil)
    for _ in 0...queues.count { ended.wait() }
    return shards.map(\.box)
  }

  /// Once, after the end.
  func takeMerger() -> ShardMerger? { keeper.merger.take() }
}
