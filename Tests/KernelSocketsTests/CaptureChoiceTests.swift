import KernelSockets
import PacketDecoding
import Testing

@Suite struct CaptureChoiceTests {
  static let interfaces: [NetworkInterface] = {
    let address = IPAddress(ipv4: 0x0A00_0001)
    var bridge = NetworkInterface(index: 3, name: "br0", isUp: true, isLoopback: false, addresses: [address])
    bridge.isBridge = true
    var empty = NetworkInterface(index: 6, name: "br1", isUp: true, isLoopback: false, addresses: [address])
    empty.isBridge = true
    var port = NetworkInterface(index: 4, name: "veth1", isUp: true, isLoopback: false)
    port.master = 3
    var down = NetworkInterface(index: 5, name: "veth2", isUp: false, isLoopback: false)
    down.master = 3
    return [
      NetworkInterface(index: 1, name: "lo", isUp: true, isLoopback: true),
      NetworkInterface(index: 2, name: "eth0", isUp: true, isLoopback: false, addresses: [address]),
      bridge, port, down, empty,
    ]
  }()

  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var named: [String] = []
    var rewrites = false
    var names: [String]
  }

  static let rows: [Row] = [
    Row(testDescription: "those with an address", names: ["lo", "eth0", "br0", "br1"]),
    Row(testDescription: "ports for a bridge that has some", rewrites: true, names: ["lo", "eth0", "veth1", "br1"]),
    Row(testDescription: "as named", named: ["br0"], names: ["br0"]),
    Row(testDescription: "named, and rewritten", named: ["br0", "veth1"], rewrites: true, names: ["veth1"]),
    Row(testDescription: "named, and not there", named: ["eth9"], rewrites: true, names: ["eth9"]),
  ]

  @Test(arguments: rows)
  func names(_ row: Row) {
    #expect(
      CaptureChoice.names(named: row.named, of: Self.interfaces, rewritesOnBridges: row.rewrites) == row.names
    )
  }
}
