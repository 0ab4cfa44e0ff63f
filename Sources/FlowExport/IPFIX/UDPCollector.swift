internal import Glibc
internal import Monitoring
internal import PacketDecoding

/// IPFIX over UDP (RFC 7011, 8.4): nobody says what has arrived, and templates are sent again now and then.
final class UDPCollector: FlowSink {
  private let endpoint: Endpoint
  private let templateInterval: Seconds
  private var encoder: IPFIXEncoder
  private var socket: InternetSocket?
  private var templatesDue: Int64 = 0
  private var burst = 0

  /// A collector's buffer holds some hundred messages.
  private static let burstLimit = 32
  private static let pause: useconds_t = 1000

  init(_ endpoint: Endpoint, _ options: IPFIXEncoder.Options, templateInterval: Seconds) {
    self.endpoint = endpoint
    self.templateInterval = templateInterval
    encoder = IPFIXEncoder(options)
  }

  func send(_ records: [ConnectionRecord], _ patience: Patience) -> Sent {
    do throws(WriteFailure) {
      try sendTemplatesIfDue(patience)
      var sent = 0
      for message in encoder.messages(for: records, at: Patience.wallClock) {
        try send(message, patience)
        sent += message.connections
      }
      return Sent(sent)
    } catch {
      // The numbers of what was made are gone: the collector counts it as lost. One that was away knows no template.
      socket = nil
      templatesDue = 0
      return Sent(records.count, refused: records.count, failure: error.reason)
    }
  }

  func tick(_ patience: Patience) { try? sendTemplatesIfDue(patience) }

  func close() { socket = nil }

  private func sendTemplatesIfDue(_ patience: Patience) throws(WriteFailure) {
    guard Patience.now >= templatesDue else { return }
    for message in encoder.templates(at: Patience.wallClock) { try send(message, patience) }
    templatesDue = Patience.now &+ templateInterval.nanoseconds
  }

  private func send(_ message: IPFIXEncoder.Message, _ patience: Patience) throws(WriteFailure) {
    guard !message.octets.isEmpty else { return }
    let socket = if let socket { socket } else { try InternetSocket(udpTo: endpoint) }
    self.socket = socket
    burst += 1
    if burst % Self.burstLimit == 0 { usleep(Self.pause) }
    _ = try socket.send(message.octets[...], patience)
  }
}
