internal import Glibc
internal import Monitoring
internal import PacketDecoding

/// IPFIX over TCP (RFC 7011, 10.4): a connection is a session, which begins with the templates.
final class TCPCollector: FlowSink {
  private let endpoint: Endpoint
  private let options: IPFIXEncoder.Options
  private let ownTraffic: OwnTraffic
  private var session: (socket: InternetSocket, encoder: IPFIXEncoder)?

  init(_ endpoint: Endpoint, _ options: IPFIXEncoder.Options, _ ownTraffic: OwnTraffic) {
    self.endpoint = endpoint
    self.options = options
    self.ownTraffic = ownTraffic
  }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    var sent = 0
    do throws(WriteFailure) {
      var (socket, encoder) = if let session { session } else { try begin(patience) }
      // Noticed here, what is sent next need not be lost.
      if socket.isClosedByPeer { throw WriteFailure("the collector closed the connection") }
      let messages = encoder.messages(for: records, at: Patience.wallClock)
      session = (socket, encoder)
      for message in messages {
        try send(message, on: socket, patience)
        sent += message.connections
      }
      return Sent(sent)
    } catch {
      close()
      return Sent(sent, failure: error.reason)
    }
  }

  func tick(_ patience: Patience) {
    if let session, session.socket.isClosedByPeer { close() }
  }

  func close() { session = nil }

  private func begin(_ patience: Patience) throws(WriteFailure) -> (InternetSocket, IPFIXEncoder) {
    let socket = try InternetSocket(tcpTo: endpoint, ownTraffic, patience)
    var encoder = IPFIXEncoder(options)
    for message in encoder.templates(at: Patience.wallClock) { try send(message, on: socket, patience) }
    return (socket, encoder)
  }

  private func send(
    _ message: IPFIXEncoder.Message,
    on socket: InternetSocket,
    _ patience: Patience
  ) throws(WriteFailure) {
    var rest = message.octets[...]
    while !rest.isEmpty { rest = rest.dropFirst(try socket.send(rest, patience)) }
  }
}
