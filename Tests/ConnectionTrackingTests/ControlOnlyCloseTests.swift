import PacketDecoding
import Testing

@testable import ConnectionTracking

/// Of connections of which nothing but SYN, FIN and RST is seen no conversation is kept, and all is told that would be.
@Suite struct ControlOnlyCloseTests {
  private static let client = Endpoint(address: IPAddress(ipv4: 0x0A00_0002), port: 4000)
  private static let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: 80)

  private static func segment(
    _ isClients: Bool,
    _ flags: TCPFlags,
    payload: UInt32 = 0,
    acknowledges: UInt32 = 11
  ) -> Segment {
    Segment(
      source: isClients ? client : server,
      destination: isClients ? server : client,
      sequence: SequenceNumber(flags.isSYN ? 10 : 11),
      acknowledgment: SequenceNumber(flags.isACK ? acknowledges : 0),
      flags: flags,
      window: 1000,
      payloadLength: payload
    )
  }

  /// The handshake and these, a second apart; the connection, and what was told of its end.
  ///
  /// - Parameter moment: until when no more than what opens and closes is captured.
  private static func connection(_ segments: [Segment], _ moment: Int64 = .max) -> (ConnectionView?, Listener) {
    var tracker = Tracker(settings: TrackerSettings(capacity: 100))
    var listener = Listener()
    tracker.beginControlOnly(at: Instant(nanoseconds: 0), observer: &listener)
    tracker.endControlOnly(at: Timestamp(nanoseconds: moment))
    for (number, segment) in ([segment(true, .syn), segment(false, .syn | .ack)] + segments).enumerated() {
      let time = Int64(number) * 1_000_000_000
      let (now, captured) = (Instant(nanoseconds: time), Timestamp(nanoseconds: time))
      tracker.receive(segment, interface: 0, at: now, captured: captured, observer: &listener)
    }
    return (tracker.table.connection(atNumber: 0), listener)
  }

  @Test("The first FIN or RST", arguments: [TCPFlags.fin | .ack, .rst | .ack])
  func keepsNoConversation(_ flags: TCPFlags) throws {
    let connection = try #require(Self.connection([Self.segment(true, flags)]).0)
    #expect(connection.detail.isPartial && !connection.detail.hasConversation && !connection.detail.hasSpeakers)
    #expect(connection.flow.closedFirst == .client)
    #expect(connection.conversation.closed == Instant(nanoseconds: 2_000_000_000))
    #expect(connection.conversation.openSiblings == 3)
    #expect(connection.conversation.idleBeforeClose == nil && connection.conversation.exchanges == 0)
  }

  @Test func isToldAsTheViewHasIt() throws {
    let (connection, listener) = Self.connection([
      Self.segment(false, .fin | .ack), Self.segment(true, .fin | .ack, acknowledges: 12),
    ])
    let ended = try #require(connection?.ended)
    #expect(listener.ended == [ended])
    #expect(ended.closeKind == .fin && ended.closedFirst == .server && ended.closed == 2_000_000_000)
  }

  /// The first payload comes after the server's FIN, and none of it is captured.
  @Test func aRequestAfterTheCloseIsToldAsSuch() throws {
    let closed = [Self.segment(true, .ack), Self.segment(false, .fin | .ack)]
    let connection = try #require(Self.connection(closed + [Self.segment(true, .psh | .ack, payload: 5)], .min).0)
    #expect(connection.conversation.kind == .notCaptured && connection.conversation.requests == 1)
    #expect(connection.conversation.facts.requestedAfterFIN)
    #expect(connection.conversation.closed == Instant(nanoseconds: 3_000_000_000))
  }

  private struct Listener: ConnectionObserver {
    var ended: [EndedConnection] = []

    mutating func opened(
      client: Endpoint,
      server: Endpoint,
      namespace: UInt8,
      _ standing: Standing
    ) -> AccountKey { AccountKey(service: 1, peer: 1) }
    mutating func moved(_ account: AccountKey, from: Standing, to: Standing) {}
    mutating func siblings(_ account: AccountKey) -> Int { 3 }
    mutating func ended(_ connection: EndedConnection, copy: () -> ConnectionView) { ended.append(connection) }
    mutating func left(_ connection: ConnectionView) {}
  }
}
