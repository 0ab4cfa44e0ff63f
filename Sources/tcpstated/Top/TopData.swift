import Foundation
import Synchronization

/// What the daemon said last.
struct TopData {
  var status: StatusDocument?
  var peers: [PeerLine] = []
  var destinations: [DestinationLine] = []
  var connections: [ConnectionLine] = []
  var hasMore = false
  /// Of which filter they are.
  var filter: String?
  /// Why there is nothing newer.
  var problem: String?
  var opensPerSecond: Double?
}

/// Asks the daemon on a thread of its own: a daemon that does not answer must not hold up the keys.
final class TopFeed: Sendable {
  private struct State {
    var data = TopData()
    var isAsked = false
    /// Grows with each answer.
    var version = 0
  }

  /// What the screen needs.
  enum Wanted: Equatable {
    case status, peers, destinations
    case connections(filter: String)
  }

  private let state = Mutex(State())
  private let client: DaemonClient
  private static let limit = 1000

  init(_ client: DaemonClient) {
    self.client = client
  }

  var latest: (data: TopData, version: Int) { state.withLock { ($0.data, $0.version) } }

  /// Begins to ask, unless an answer is still awaited.
  ///
  /// - Returns: whether this will be answered.
  func ask(_ wanted: Wanted) -> Bool {
    let isFree = state.withLock { state in
      guard !state.isAsked else { return false }
      state.isAsked = true
      return true
    }
    if isFree { Thread { self.answer(wanted) }.start() }
    return isFree
  }

  private func answer(_ wanted: Wanted) {
    var data = state.withLock { $0.data }
    do {
      let status = try client.get(StatusDocument.self, from: "/api/v1/status").document
      data.opensPerSecond = Self.rate(from: data.status, to: status)
      data.status = status
      switch wanted {
      case .status: break
      case .peers: data.peers = try client.get(PeersDocument.self, from: "/api/v1/peers").document.peers
      case .destinations:
        data.destinations = try client.get(DestinationsDocument.self, from: "/api/v1/destinations").document
          .destinations
      case .connections(let filter):
        let query =
          [(name: "limit", value: String(Self.limit))] + (filter.isEmpty ? [] : [(name: "filter", value: filter)])
        let found = try client.get(ConnectionsDocument.self, from: "/api/v1/connections", query: query).document
        (data.connections, data.hasMore, data.filter) = (found.connections, found.nextCursor != nil, filter)
      }
      data.problem = nil
    } catch {
      data.problem = "\(error)"
    }
    state.withLock { [data] state in
      state.data = data
      state.isAsked = false
      state.version += 1
    }
  }

  private static func rate(from old: StatusDocument?, to new: StatusDocument) -> Double? {
    guard let old, let seconds = APITime.seconds(from: old.live.time, to: new.live.time), seconds > 0.2,
      new.overview.connections >= old.overview.connections
    else { return nil }
    return Double(new.overview.connections - old.overview.connections) / seconds
  }
}
