internal import CLibpcap
internal import PacketDecoding

/// A program for the BPF machine, in the form that libpcap takes, and that machine in user space.
@safe
final class FilterProgram {
  let linkType: LinkType
  private var program: bpf_program

  init(instructions: [BPFInstruction], linkType: LinkType) {
    self.linkType = linkType
    let copy = UnsafeMutablePointer<bpf_insn>.allocate(capacity: max(instructions.count, 1))
    for (index, instruction) in instructions.enumerated() {
      unsafe copy[index] = bpf_insn(
        code: instruction.code,
        jt: instruction.jumpTrue,
        jf: instruction.jumpFalse,
        k: instruction.operand
      )
    }
    unsafe program = bpf_program(bf_len: UInt32(instructions.count), bf_insns: copy)
  }

  deinit {
    unsafe program.bf_insns.deallocate()
  }

  /// Compiles an expression of pcap-filter(7). Names of hosts in it are looked up.
  convenience init(expression: String, linkType: LinkType) throws(CaptureError) {
    self.init(instructions: try Self.compile(expression, linkType: linkType), linkType: linkType)
  }

  func withProgram<Result>(_ body: (UnsafeMutablePointer<bpf_program>) -> Result) -> Result {
    unsafe body(&program)
  }

  /// Whether a frame passes.
  func matches(_ frame: RawSpan, wireLength: UInt32) -> Bool {
    unsafe frame.withUnsafeBytes { bytes in
      var header = pcap_pkthdr()
      header.caplen = UInt32(bytes.count)
      header.len = wireLength
      // An empty frame may have no address; nothing is read from it then.
      guard let start = bytes.baseAddress else { return false }
      return unsafe pcap_offline_filter(&program, &header, start.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }

  private static func compile(_ expression: String, linkType: LinkType) throws(CaptureError) -> [BPFInstruction] {
    guard let handle = unsafe pcap_open_dead(linkType.dlt, 262_144) else {
      throw .badFilter(expression: expression, reason: "out of memory")
    }
    defer { unsafe pcap_close(handle) }
    var compiled = unsafe bpf_program()
    let optimize: Int32 = 1
    guard unsafe pcap_compile(handle, &compiled, expression, optimize, UInt32.max) == 0 else {
      throw .badFilter(expression: expression, reason: unsafe String(cString: pcap_geterr(handle)))
    }
    defer { unsafe pcap_freecode(&compiled) }
    return unsafe (0..<Int(compiled.bf_len)).map { index in
      let instruction = unsafe compiled.bf_insns[index]
      return BPFInstruction(
        code: instruction.code,
        jumpTrue: instruction.jt,
        jumpFalse: instruction.jf,
        operand: instruction.k
      )
    }
  }
}
