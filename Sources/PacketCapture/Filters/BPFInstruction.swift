/// An instruction of the classic BPF machine (Documentation/networking/filter.rst in the kernel).
struct BPFInstruction: Equatable, Sendable {
  var code: UInt16
  var jumpTrue: UInt8 = 0
  var jumpFalse: UInt8 = 0
  var operand: UInt32 = 0
}

/// The few operations that filters here need. The values are those of pcap/bpf.h: class | size | mode or operation.
enum BPFOperation: UInt16 {
  /// A ← octets at k.
  case loadByte = 0x30
  case loadHalf = 0x28
  /// A ← octets at X + k.
  case loadByteIndexed = 0x50
  case loadHalfIndexed = 0x48
  /// X ← k.
  case setIndex = 0x01
  /// A ← A + X.
  case addIndex = 0x0c
  /// A ← A & k.
  case and = 0x54
  /// A ← A << k.
  case shiftLeft = 0x64
  /// X ← A.
  case copyToIndex = 0x07
  /// Ends: keep the first k octets of the frame, 0 for none.
  case keep = 0x06
}

/// What a conditional jump asks of A.
enum BPFCondition: Equatable {
  case equals(UInt32)
  case greater(than: UInt32)
  case hasAnyBit(of: UInt32)

  var code: UInt16 {
    switch self {
    case .equals: 0x15
    case .greater: 0x25
    case .hasAnyBit: 0x45
    }
  }

  var operand: UInt32 {
    switch self {
    case .equals(let value), .greater(let value), .hasAnyBit(let value): value
    }
  }
}
