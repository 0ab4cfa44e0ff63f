internal import PacketDecoding

/// The name and the value of a label.
struct Label: Hashable, Sendable {
  var name: String
  var value: String
}

/// One number of a series.
struct SeriesValue: Hashable, Sendable {
  var labels: [Label]
  var value: Double
}

/// What remote write 1.0 sends, as protocol buffers encode it. Four messages with two fields each: less to write than to
/// generate.
///
///     message WriteRequest { repeated TimeSeries timeseries = 1; }
///     message TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
///     message Label        { string name = 1; string value = 2; }
///     message Sample       { double value = 1; int64 timestamp = 2; }
struct WriteRequest: Hashable, Sendable {
  var series: [SeriesValue]
  /// Since 1970.
  var milliseconds: Int64

  var bytes: [UInt8] {
    var out = ProtobufWriter()
    for entry in series {
      out.message(1) { out in
        for label in entry.labels {
          out.message(1) { out in
            out.text(1, label.name)
            out.text(2, label.value)
          }
        }
        out.message(2) { out in
          out.double(1, entry.value)
          out.integer(2, milliseconds)
        }
      }
    }
    return out.bytes
  }
}

/// The encoding of protocol buffers (protobuf.dev/programming-guides/encoding), as far as it is used here.
struct ProtobufWriter: Sendable {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case eightOctets = 1
    case lengthDelimited = 2
  }

  mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    delimited(field, inner.bytes)
  }

  mutating func text(_ field: UInt64, _ text: String) { delimited(field, Array(text.utf8)) }

  mutating func double(_ field: UInt64, _ value: Double) {
    tag(field, .eightOctets)
    for place in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * place))) }
  }

  mutating func integer(_ field: UInt64, _ value: Int64) {
    tag(field, .varint)
    varint(UInt64(bitPattern: value))
  }

  private mutating func delimited(_ field: UInt64, _ content: [UInt8]) {
    tag(field, .lengthDelimited)
    varint(UInt64(content.count))
    bytes += content
  }

  private mutating func tag(_ field: UInt64, _ type: WireType) { varint(field << 3 | type.rawValue) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
