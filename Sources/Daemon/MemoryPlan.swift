internal import CloseDiagnosis
internal import ConnectionTracking
internal import Monitoring

/// How many of each thing fit into `memory_limit`, all of them at their fullest.
struct MemoryPlan: Equatable {
  /// Entries of the table.
  let connections: Int
  /// Connections that ended and stay listed.
  let closed: Int
  /// Closes whose cause waits for others.
  let awaitedCauses: Int
  let services: Int
  let peers: Int
  /// Segments that opened, moved or closed connections and are remembered.
  let segments: Int

  /// A share of the limit is at least this, so that small ones do something.
  private static let fewest = 1024

  // Of 32 parts of the limit the table has 20, listings of closed connections 5.

  init(limit: Int) {
    func count(_ parts: Int, _ bytes: Int) -> Int { max(Self.fewest, limit / 32 * parts / max(bytes, 1)) }
    connections = count(20, FlowTable.bytesPerConnection)
    closed = count(5, MemoryLayout<ConnectionView>.stride + Self.bytesPerVerdict)
    // What was decided is removed when it is half of the queue, which may then be half empty.
    awaitedCauses = min(count(2, 4 * MemoryLayout<CloseFacts>.stride), 65_536)
    services = min(count(2, Self.bytesPerService), 4096)
    peers = min(count(2, Self.bytesPerPeer), 16_384)
    segments = max(Self.fewest, SegmentLog.limit(forBytes: limit / 32))
  }

  /// In a dictionary, which is at times half empty.
  private static let bytesPerVerdict = 96
  /// The account with its histograms, and what its connections have in common; once more for the snapshot that is read.
  private static let bytesPerService = 4096
  private static let bytesPerPeer = 512
}
