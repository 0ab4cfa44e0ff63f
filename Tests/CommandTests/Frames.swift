/// Frames of TCP over IPv4 over Ethernet.
enum Frames {
  struct End {
    var address: UInt32
    var port: UInt16
  }

  static let fin: UInt8 = 0x01
  static let syn: UInt8 = 0x02
  static let rst: UInt8 = 0x04
  static let ack: UInt8 = 0x10

  static func frame(_ source: End, _ destination: End, flags: UInt8, sequence: UInt32, acknowledgment: UInt32)
    -> [UInt8]
  {
    let ethernet = [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
    var ip: [UInt8] = [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0]
    ip += big(source.address) + big(destination.address)
    var tcp = half(source.port) + half(destination.port) + big(sequence) + big(acknowledgment)
    tcp += [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
    return ethernet + ip + tcp
  }

  /// A connection that the server closes first, all within a second.
  static func closedByServer(_ client: End, _ server: End, second: UInt32) -> [(second: UInt32, octets: [UInt8])] {
    [
      frame(client, server, flags: syn, sequence: 100, acknowledgment: 0),
      frame(server, client, flags: syn | ack, sequence: 500, acknowledgment: 101),
      frame(client, server, flags: ack, sequence: 101, acknowledgment: 501),
      frame(server, client, flags: fin | ack, sequence: 501, acknowledgment: 101),
      frame(client, server, flags: fin | ack, sequence: 101, acknowledgment: 502),
      frame(server, client, flags: ack, sequence: 502, acknowledgment: 102),
    ].map { (second, $0) }
  }

  static func refused(_ client: End, _ server: End, second: UInt32) -> [(second: UInt32, octets: [UInt8])] {
    [
      frame(client, server, flags: syn, sequence: 100, acknowledgment: 0),
      frame(server, client, flags: rst | ack, sequence: 0, acknowledgment: 101),
    ].map { (second, $0) }
  }

  private static func big(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  private static func half(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
