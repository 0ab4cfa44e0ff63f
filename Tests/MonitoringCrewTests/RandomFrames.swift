import PacketDecoding
import TestNumbers

/// Frames as no network has them: few ends, all flags, time that stands still, jumps and may go back.
struct RandomFrames {
  private(set) var octets: [UInt8] = []
  private(set) var frames: [FrameRecord] = []
  private var random: SplitMix
  private var nanoseconds: Int64 = 1_700_000_000_000_000_000

  private let timeGoesBack: Bool

  init(seed: UInt64, count: Int, timeGoesBack: Bool = true) {
    random = SplitMix(state: seed)
    self.timeGoesBack = timeGoesBack
    for _ in 0..<count { addFrame() }
  }

  private mutating func addFrame() {
    passTime()
    let (client, server) = (UInt8(random.below(6)), UInt8(random.below(3)))
    let port = 1024 + random.below(60)
    let isAnswer = random.chance(45)
    let kind = random.below(100)
    let tcp = segment(from: isAnswer ? 80 : port, to: isAnswer ? port : 80)
    let ends = isAnswer ? (server + 100, client) : (client, server + 100)
    switch kind {
    case 0..<80: add(type: [0x08, 0x00], ipv4(ends.0, ends.1, proto: 6, tcp))
    case 80..<86: add(type: [0x81, 0x00, 0, 7, 0x08, 0x00], ipv4(ends.0, ends.1, proto: 6, tcp))
    case 86..<92: add(type: [0x86, 0xDD], ipv6(ends.0, ends.1, tcp))
    case 92..<95:
      let quoted = ipv4(ends.0, ends.1, proto: 6, tcp).prefix(28)
      add(type: [0x08, 0x00], ipv4(ends.1, ends.0, proto: 1, [3, UInt8(random.below(4)), 0, 0, 0, 0, 0, 0] + quoted))
    case 95..<97: add(type: [0x08, 0x00], Array(ipv4(ends.0, ends.1, proto: 6, tcp).prefix(random.below(45))))
    default: add(type: [0x08, 0x00], ipv4(ends.0, ends.1, proto: 17, tcp))
    }
  }

  private mutating func passTime() {
    switch random.below(1000) {
    case 0: nanoseconds += Int64(random.below(200)) * 1_000_000_000
    case 1..<10 where timeGoesBack: nanoseconds -= Int64(random.below(2_000_000_000))
    case 10..<500: nanoseconds += Int64(random.below(20_000_000))
    default: break
    }
  }

  private mutating func segment(from source: Int, to destination: Int) -> [UInt8] {
    let flags: [UInt8] = [0x02, 0x12, 0x10, 0x10, 0x18, 0x18, 0x11, 0x11, 0x04, 0x14]
    let flag = flags[random.below(flags.count)]
    let payload = flag & 0x08 != 0 ? Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).prefix(random.below(28)) : []
    let numbers = [UInt8(random.below(3)), UInt8(random.below(3))]
    return Self.port(source) + Self.port(destination) + [0, 0, 0, numbers[0], 0, 0, 0, numbers[1]]
      + [random.chance(1) ? 0x10 : 0x50, flag, 0xFF, 0xFF, 0, 0, 0, 0] + payload
  }

  private static func port(_ port: Int) -> [UInt8] { [UInt8(port >> 8), UInt8(port & 0xFF)] }

  private func ipv4(_ source: UInt8, _ destination: UInt8, proto: UInt8, _ payload: [UInt8]) -> [UInt8] {
    [0x45, 0, 0, UInt8(20 + payload.count), 0, 0, 0x40, 0, 64, proto, 0, 0, 10, 0, 0, source, 10, 0, 0, destination]
      + payload
  }

  private func ipv6(_ source: UInt8, _ destination: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let network: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11)
    return [0x60, 0, 0, 0, 0, UInt8(payload.count), 6, 64] + network + [source] + network + [destination] + payload
  }

  private mutating func add(type: [UInt8], _ packet: [UInt8]) {
    let start = octets.count
    octets += [UInt8](repeating: 2, count: 12) + type + packet
    let count = UInt32(octets.count - start)
    frames.append(FrameRecord(start: start, count: count, nanoseconds: nanoseconds, wireLength: count))
  }
}
