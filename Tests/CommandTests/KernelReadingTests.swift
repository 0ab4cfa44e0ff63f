import ConnectionTracking
import Glibc
import KernelSockets
import PacketDecoding
import Testing

@testable import Daemon

@Suite struct KernelReadingTests {
  private static func endpoint(_ text: String) throws -> Endpoint { try #require(Endpoint(text)) }

  @Test(
    "Who listens is the server",
    arguments: [
      ("10.0.0.1:80", "10.0.0.9:40000", Role.server as Role?),
      ("10.0.0.1:443", "10.0.0.9:40000", .server),
      ("[fd00::1]:443", "[fd00::9]:40000", .server),
      // Its peer is here too, and listens.
      ("10.0.0.1:40000", "10.0.0.1:80", .client),
      // Somebody else's port of the same number says nothing.
      ("10.0.0.1:40000", "10.0.0.9:443", nil),
      ("10.0.0.2:80", "10.0.0.9:40000", nil),
    ]
  )
  func role(local: String, remote: String, role: Role?) throws {
    var listeners = Listeners()
    listeners.add(try Self.endpoint("10.0.0.1:80"))
    listeners.add(try Self.endpoint("[::]:443"))
    let (local, remote) = (try Self.endpoint(local), try Self.endpoint(remote))
    let isLocal = remote.address == IPAddress(ipv4: 0x0A00_0001)
    #expect(listeners.role(local: local, remote: remote, remoteIsLocal: isLocal) == role)
  }

  @Test("A listener on 0.0.0.0 and one on :: take any address")
  func anyAddress() throws {
    for text in ["0.0.0.0:80", "[::]:80"] {
      var listeners = Listeners()
      listeners.add(try Self.endpoint(text))
      #expect(listeners.contains(try Self.endpoint("10.0.0.1:80")))
      #expect(!listeners.contains(try Self.endpoint("10.0.0.1:81")))
    }
  }

  @Test(
    "Sockets whose packets are not captured are not compared",
    arguments: [
      ([String](), "10.0.0.1:80", "192.0.2.9:1", true),
      (["eth0"], "10.0.0.1:80", "192.0.2.9:1", true),
      (["eth0"], "10.1.0.1:80", "192.0.2.9:1", false),
      // From one of our addresses to another: by the loopback.
      (["eth0"], "10.0.0.1:80", "10.1.0.1:1", false),
      (["lo"], "10.0.0.1:80", "10.1.0.1:1", true),
      (["lo"], "127.0.0.1:80", "127.0.0.1:1", true),
      (["lo"], "10.0.0.1:80", "192.0.2.9:1", false),
    ]
  )
  func scope(named: [String], local: String, remote: String, isCaptured: Bool) throws {
    let scope = CaptureScope(
      named: named,
      interfaces: [
        NetworkInterface(
          index: 1,
          name: "lo",
          isUp: true,
          isLoopback: true,
          addresses: [IPAddress(ipv4: 0x7F00_0001)]
        ),
        NetworkInterface(
          index: 2,
          name: "eth0",
          isUp: true,
          isLoopback: false,
          addresses: [IPAddress(ipv4: 0x0A00_0001)]
        ),
        NetworkInterface(
          index: 3,
          name: "eth1",
          isUp: true,
          isLoopback: false,
          addresses: [IPAddress(ipv4: 0x0A01_0001)]
        ),
      ]
    )
    let (local, remote) = (try Self.endpoint(local), try Self.endpoint(remote))
    #expect(scope.contains(local: local, remote: remote) == isCaptured)
  }

  @Test("Drift is what the model alone has, less what the kernel alone has")
  func drift() {
    var tally = ReadingTally()
    for finding in [TableFinding.agrees, .agrees, .adopted, .corrected, .tooRecent, .expired] { tally.note(finding) }
    tally.modelOnly = 5
    #expect(tally.timeWait == 6)
    #expect(tally.drift == 3)
  }

  @Test("The kernel's long timers stand on a grid: a receive that times out ends on it")
  func tick() throws {
    let hertz = try #require(KernelTimer.hertz)
    #expect((24...10_000).contains(hertz))
    // A short span, for the test's sake: 63 jiffies and more are on the grid of eight.
    let span = Seconds(nanoseconds: 80 * 1_000_000_000 / hertz)
    let period = try #require(TimerWheel.period(of: span, hertz: hertz))
    let before = MonotonicClock.now()
    let tick = try KernelTimer.waitForTick(after: span)
    #expect(tick - before >= Seconds(nanoseconds: span.nanoseconds - period.nanoseconds))
  }
}
