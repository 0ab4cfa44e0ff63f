import Glibc
import PacketDecoding
import Testing

@testable import KernelSockets

@Suite struct LinkEventTests {
  @Test("Messages become events")
  func events() {
    #expect(LinkEvents.events(Fixtures.newLink) == [.up(name: "lo", index: 1)])
    #expect(LinkEvents.events(Fixtures.downLink) == [.down(name: "eth0", index: 2)])
    #expect(LinkEvents.events(Fixtures.removedLink) == [.removed(name: "eth0", index: 2)])
    #expect(LinkEvents.events(Fixtures.newAddress) == [.addressesChanged(index: 2)])
    #expect(LinkEvents.events(Fixtures.removedAddress) == [.addressesChanged(index: 2)])
    #expect(LinkEvents.events(Fixtures.newLink + Fixtures.removedLink).count == 2)
  }

  @Test("An interface that leaves a bridge is not removed")
  func bridgePort() {
    #expect(LinkEvents.events(Fixtures.removedPort) == [])
  }

  @Test("A datagram cut anywhere gives its whole messages, and asks to list anew")
  func truncated() {
    let datagram = Fixtures.newLink + Fixtures.removedLink
    for length in 1..<datagram.count {
      let events = LinkEvents.events(Array(datagram.prefix(length)))
      let whole = length >= Fixtures.newLink.count ? [LinkEvent.up(name: "lo", index: 1)] : []
      #expect(events == (length == Fixtures.newLink.count ? whole : whole + [.overrun]))
    }
  }

  @Test("Octets of any value do no harm")
  func mutated() {
    let datagram = Fixtures.newLink + Fixtures.newAddress + Fixtures.mapped
    for index in datagram.indices {
      for value: UInt8 in [0, 1, 3, 4, 15, 16, 0x7f, 0x80, 0xff] {
        var mutated = datagram
        mutated[index] = value
        #expect(LinkEvents.events(mutated).count <= 3)
        var state = DumpState(sequence: 1)
        #expect(state.take(mutated).count <= 3)
      }
    }
  }

  @Test("Hostile lengths end the walk")
  func lengths() {
    for length: UInt32 in [0, 1, 15, 0x7fff_ffff, 0xffff_ffff] {
      var datagram = Fixtures.newLink
      datagram.replaceSubrange(0..<4, with: (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) })
      #expect(LinkEvents.events(datagram) == [.overrun])
    }
  }
}

@Suite struct NetworkInterfaceTests {
  @Test("Links and addresses are put together; of a point-to-point link the own address counts")
  func listing() {
    var listing = Listing()
    for datagram in [Fixtures.newLink, Fixtures.downLink, Fixtures.newAddress, Fixtures.peerAddress] {
      _ = unsafe NetlinkMessages.forEach(in: datagram.span.bytes) { header, message in
        if let message = RouteMessage(type: header.type, message) { listing.add(message) }
        return true
      }
    }
    let address = IPAddress(ipv4: 0xc000_0201)
    #expect(
      listing.interfaces == [
        NetworkInterface(index: 1, name: "lo", isUp: true, isLoopback: true),
        NetworkInterface(index: 2, name: "eth0", isUp: false, isLoopback: false, addresses: [address, address]),
      ]
    )
  }

  @Test("By default, interfaces are captured from that are up and have an address of this namespace")
  func defaults() {
    func isCaptured(_ addresses: [IPAddress], isUp: Bool = true, isLoopback: Bool = false) -> Bool {
      let interface = NetworkInterface(index: 1, name: "x", isUp: isUp, isLoopback: isLoopback, addresses: addresses)
      return interface.isCapturedByDefault
    }
    let linkLocal = IPAddress(high: 0xfe80_0000_0000_0000, low: 1)
    let global = IPAddress(high: 0x2001_0db8_0000_0000, low: 1)
    #expect(isCaptured([], isLoopback: true))
    #expect(isCaptured([linkLocal, global]))
    #expect(!isCaptured([linkLocal]))
    #expect(!isCaptured([]))
    #expect(!isCaptured([global], isUp: false))
  }

  @Test("The whole network 127 is local")
  func local() {
    let own = LocalAddresses([IPAddress(ipv4: 0xc000_0201), IPAddress(high: 0, low: 1)])
    #expect(own.isLocal(IPAddress(ipv4: 0x7f12_3456)))
    #expect(own.isLocal(IPAddress(ipv4: 0xc000_0201)))
    #expect(own.isLocal(IPAddress(high: 0, low: 1)))
    #expect(!own.isLocal(IPAddress(ipv4: 0xc000_0202)))
    #expect(!own.isLocal(IPAddress(high: 0, low: 0x7f00_0001)))
  }

  @Test("The machine has a loopback")
  func live() throws {
    let interfaces = try NetworkInterfaces.list()
    let loopback = try #require(interfaces.first { $0.name == "lo" })
    #expect(loopback.isLoopback)
    #expect(loopback.index != 0)
    let chosen = CaptureChoice.names(named: [], of: interfaces, rewritesOnBridges: false)
    if loopback.isUp { #expect(chosen.contains(loopback.name)) }
    #expect(try NetworkInterfaces.localAddresses().isLocal(IPAddress(ipv4: 0x7f00_0001)))
    var events = try LinkEvents()
    #expect(fcntl(events.fileDescriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(!events.read().contains(.overrun))
  }
}
