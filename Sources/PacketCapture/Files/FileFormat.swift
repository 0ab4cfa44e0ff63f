/// What kind of file the first octets tell of.
enum FileFormat {
  case pcap
  case pcapng
  /// Something else; the text says what, where it is known, and what to do.
  case other(String)

  init(head: RawSpan) {
    let magic = head.byteCount >= 4 ? head.load32(at: 0, swapped: false) : 0
    if PcapParser.recognizes(magic) {
      self = .pcap
    } else if PcapngParser.recognizes(magic) {
      self = .pcapng
    } else {
      self = .other(Self.explain(magic.bigEndian))
    }
  }

  private static func explain(_ magic: UInt32) -> String {
    switch magic {
    case 0x28b5_2ffd: "it is compressed with zstd; pipe it: zstd -dc FILE | tcpstated analyze -"
    case 0xfd37_7a58: "it is compressed with xz; pipe it: xz -dc FILE | tcpstated analyze -"
    case 0x425a_6830...0x425a_6839: "it is compressed with bzip2; pipe it: bzip2 -dc FILE | tcpstated analyze -"
    case 0x0422_4d18: "it is compressed with lz4; pipe it: lz4 -dc FILE | tcpstated analyze -"
    case 0x504b_0304: "it is a zip archive; extract it first"
    case 0x736e_6f6f: "it is a snoop file; convert it: editcap -F pcapng FILE OUTPUT"
    case 0x7f45_4c46: "it is a program"
    default: "it starts with neither the mark of pcap nor that of pcapng"
    }
  }
}
