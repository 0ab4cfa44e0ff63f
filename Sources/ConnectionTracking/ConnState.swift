internal import PacketDecoding

/// What Zeek's connection log knows of one end (src/packet_analysis/protocol/tcp/TCP_Endpoint.h): kept beside the
/// RFC 9293 state because `conn_state` is defined by it.
enum ObservedEndState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case inactive
  case synSent
  /// It opened with a SYN-ACK.
  case synAckSent
  /// It sent something, and no handshake was seen.
  case partial
  case established
  /// It was established and sent a FIN.
  case closed
  /// It sent a FIN that nobody expected: its handshake was not seen, or it had sent an RST.
  case closedUncleanly
  /// It sent an RST.
  case reset
  /// It sent a FIN and then, before the peer's, an RST.
  case resetAfterFIN

  @inline(__always) var isInactive: Bool { self == .inactive || self == .partial }
  @inline(__always) var isOpening: Bool { self == .synSent || self == .synAckSent }
  @inline(__always) var isClosed: Bool { self == .closed || self == .closedUncleanly }
  @inline(__always) var isReset: Bool { self == .reset || self == .resetAfterFIN }
  @inline(__always) var isOver: Bool { isClosed || isReset }
  /// Its sequence numbers can be relied on.
  @inline(__always) var isClean: Bool { self == .established || self == .closed }
}

/// Zeek's `conn_state`: one word for how a connection went (scripts/base/protocols/conn/main.zeek).
package enum ConnState: String, CaseIterable, Sendable {
  case s0 = "S0"
  case s1 = "S1"
  case sf = "SF"
  case rej = "REJ"
  case s2 = "S2"
  case s3 = "S3"
  case rsto = "RSTO"
  case rstr = "RSTR"
  case rstos0 = "RSTOS0"
  case rstrh = "RSTRH"
  case sh = "SH"
  case shr = "SHR"
  case oth = "OTH"

  /// The first line that matches wins.
  ///
  /// - Parameters:
  ///   - payloadSeen: whether either end sent payload.
  ///   - resetUnanswered: the client's SYN and RST stand in the history with nothing of an answer between them.
  init(client: ObservedEndState, server: ObservedEndState, payloadSeen: Bool, resetUnanswered: Bool) {
    self =
      if server.isReset {
        .afterServerReset(client: client, payloadSeen: payloadSeen)
      } else if client.isReset {
        if !server.isInactive { .rsto } else { resetUnanswered ? .rstos0 : .oth }
      } else if client.isClosed {
        if server.isClosed { .sf } else { server.isInactive ? .sh : .s2 }
      } else if server.isClosed {
        client.isInactive ? .shr : .s3
      } else if client == .synSent, server == .inactive {
        .s0
      } else if client == .established, server == .established {
        .s1
      } else {
        .oth
      }
  }

  private static func afterServerReset(client: ObservedEndState, payloadSeen: Bool) -> ConnState {
    if client == .synSent || client == .synAckSent || (client.isReset && !payloadSeen) { return .rej }
    return client.isInactive ? .rstrh : .rstr
  }
}

/// The two ends as Zeek's TCPSessionAdapter moves them.
struct ObservedPair {
  var sender: ObservedEndState
  var receiver: ObservedEndState

  /// Whether a segment of an end in this state can move either. Most cannot.
  @inline(__always)
  static func mayMove(_ sender: ObservedEndState, _ flags: TCPFlags) -> Bool {
    flags.isControl || sender == .inactive
  }

  /// Notes one segment. SYN, FIN and RST in one segment count in this order.
  mutating func note(_ segment: Segment, from role: Role) {
    let flags = segment.flags
    switch sender {
    case .inactive:
      noteFirst(segment, from: role)
    case .synSent, .synAckSent:
      close(flags)
    case .established, .partial:
      if flags.isSYN, !flags.isACK, sender == .partial, receiver == .inactive { sender = .synSent }
      if flags.isFIN, !flags.isRST {
        sender = sender == .established ? .closed : .closedUncleanly
        // The peer sent a FIN and then an RST: with this FIN it was a normal close after all.
        if receiver == .resetAfterFIN { receiver = .closedUncleanly }
      }
      if flags.isRST { sender = .reset }
    case .closed, .closedUncleanly:
      // After both FINs an RST changes nothing.
      if flags.isRST, !receiver.isClosed { sender = .resetAfterFIN }
    case .reset, .resetAfterFIN:
      break
    }
  }

  /// FIN and then RST, of an end that was not established.
  private mutating func close(_ flags: TCPFlags) {
    if flags.isFIN { sender = sender == .established ? .closed : .closedUncleanly }
    if flags.isRST { sender = flags.isFIN ? .resetAfterFIN : .reset }
  }

  private mutating func noteFirst(_ segment: Segment, from role: Role) {
    let flags = segment.flags
    if flags.isSYN {
      if role == .client {
        sender = flags.isACK ? .synAckSent : .synSent
      } else {
        if receiver == .synSent { receiver = .established }
        sender = .established
      }
    }
    close(flags)
    guard sender == .inactive else { return }
    if role == .server, segment.payloadLength == 0, receiver == .synSent {
      // Some stacks acknowledge a SYN before they answer it.
      return
    }
    sender = flags.isACK && receiver == .established ? .established : .partial
  }
}
