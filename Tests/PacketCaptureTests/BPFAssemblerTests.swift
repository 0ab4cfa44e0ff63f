import Glibc
import PacketDecoding
import Testing

@testable import PacketCapture

@Suite struct BPFAssemblerTests {
  @Test("Labels become distances")
  func distances() throws {
    var code = BPFAssembler()
    let accept = code.makeLabel()
    let drop = code.makeLabel()
    code.emit(.loadHalf, 12)
    code.jump(if: .equals(0x0800), to: accept, otherwise: drop)
    code.jump(if: .greater(than: 7), to: nil, otherwise: drop)
    code.jump(to: drop)
    code.place(accept)
    code.emit(.keep, 100)
    code.place(drop)
    code.emit(.keep, 0)
    #expect(
      try code.assemble() == [
        BPFInstruction(code: 0x28, operand: 12),
        BPFInstruction(code: 0x15, jumpTrue: 2, jumpFalse: 3, operand: 0x0800),
        BPFInstruction(code: 0x25, jumpTrue: 0, jumpFalse: 2, operand: 7),
        BPFInstruction(code: 0x05, operand: 1),
        BPFInstruction(code: 0x06, operand: 100),
        BPFInstruction(code: 0x06, operand: 0),
      ]
    )
  }

  @Test("What the kernel would refuse is refused")
  func faults() {
    #expect(throws: BPFAssembler.Fault.labelNotPlaced(0)) {
      try Self.assemble { code, label in code.jump(to: label) }
    }
    #expect(throws: BPFAssembler.Fault.jumpBackwards(instruction: 1)) {
      try Self.assemble { code, label in
        code.place(label)
        code.emit(.and, 1)
        code.jump(to: label)
      }
    }
    #expect(throws: BPFAssembler.Fault.jumpTooFar(instruction: 0)) {
      try Self.assemble { code, label in
        code.jump(if: .equals(1), to: label)
        for _ in 0..<256 { code.emit(.and, 1) }
        code.place(label)
      }
    }
    #expect(throws: BPFAssembler.Fault.labelPlacedTwice(0)) {
      try Self.assemble { code, label in
        code.place(label)
        code.emit(.and, 1)
        code.place(label)
      }
    }
    #expect(throws: BPFAssembler.Fault.tooLong(4097)) {
      try Self.assemble { code, _ in
        for _ in 0..<4096 { code.emit(.and, 1) }
      }
    }
    #expect(throws: BPFAssembler.Fault.fallsOffTheEnd) { try BPFAssembler().assemble() }
  }

  private static func assemble(
    _ write: (inout BPFAssembler, BPFAssembler.Label) -> Void
  ) throws -> [BPFInstruction] {
    var code = BPFAssembler()
    let label = code.makeLabel()
    write(&code, label)
    code.emit(.keep, 0)
    return try code.assemble()
  }

  @Test("The kernel takes every program", arguments: CaptureTier.allCases, [true, false])
  func kernelAccepts(tier: CaptureTier, includesTunnels: Bool) throws {
    let linkTypes: [LinkType] = [.ethernet, .linuxCooked, .linuxCooked2, .raw, .ipv4, .ipv6, .null, .loop]
    for linkType in linkTypes {
      let filter = CaptureFilter(tier: tier, includesTunnels: includesTunnels)
      let program = try #require(filter.program(for: linkType))
      #expect(Self.attach(program) == 0, "\(filter) on \(linkType.rawValue), \(program.count) instructions")
    }
  }

  /// SO_ATTACH_FILTER on a socket that any user may have; gives errno.
  private static func attach(_ program: [BPFInstruction]) -> Int32 {
    // struct sock_filter.
    var code = program.flatMap { octets($0.code) + [$0.jumpTrue, $0.jumpFalse] + octets($0.operand) }
    let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(socket) }
    return unsafe code.withUnsafeMutableBytes { bytes in
      // struct sock_fprog: a length and a pointer.
      var request = (length: UInt(program.count), code: bytes.baseAddress)
      let size = socklen_t(unsafe MemoryLayout.size(ofValue: request))
      return unsafe setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &request, size) == 0 ? 0 : errno
    }
  }
}
