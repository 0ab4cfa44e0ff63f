import CloseDiagnosis
import ConnectionTracking
import Monitoring
import PacketDecoding
import StateAccounting

/// The figures of chosen connections.
struct SelectedFigures: ~Copyable {
  private var ledger = Ledger()
  private var causes = CauseReport()
  private var exchanges = 0
  private var packets = 0
  private var first: Timestamp?
  private var last: Timestamp?
  /// Whose causes are asked for when all are decided.
  private var closed: [(serial: UInt64, service: UInt32)] = []

  mutating func add(_ connection: ConnectionView) {
    let account = ledger.open(client: connection.client, server: connection.server, connection.standing)
    causes.name(account.service, connection.server)
    exchanges += Int(connection.conversation.exchanges ?? 0)
    packets += Int(clamping: connection.packets(of: .client) + connection.packets(of: .server))
    first = min(first ?? connection.start, connection.start)
    last = max(last ?? connection.flow.lastPacket, connection.flow.lastPacket)
    guard connection.standing.closeKind != .none else { return }
    ledger.end(connection.ended, at: account.service)
    closed.append((connection.detail.serial, account.service))
  }

  mutating func settle(_ cause: (UInt64) -> CloseCause?) {
    for (serial, service) in closed {
      if let cause = cause(serial) { causes.count(cause, service) }
    }
    closed = []
  }

  /// The same moment, counting these connections alone.
  func replacing(those whole: Snapshot) -> Snapshot {
    var snapshot = Snapshot(time: whole.time)
    snapshot.isSelection = true
    snapshot.knowsLocal = whole.knowsLocal
    snapshot.ingest.packets = packets
    snapshot.ingest.tcpPackets = packets
    snapshot.first = first
    snapshot.last = last
    snapshot.accounts = ledger.accounts
    snapshot.causes = causes
    snapshot.exchanges = exchanges
    return snapshot
  }
}
