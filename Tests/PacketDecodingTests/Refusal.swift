import PacketDecoding
import Testing

/// A packet that must not be taken for one, and why.
struct Refusal: Sendable {
  let packet: [UInt8]
  let error: DecodeError

  init(_ packet: some Sequence<UInt8>, _ error: DecodeError) {
    self.packet = Array(packet)
    self.error = error
  }
}

/// Expects just this error, or none.
func expectDecode(
  _ frame: [UInt8],
  _ linkType: LinkType,
  throws error: DecodeError?,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if let error {
    #expect(throws: error, sourceLocation: sourceLocation) { try decode(frame, linkType) }
  } else {
    #expect(throws: Never.self, sourceLocation: sourceLocation) { try decode(frame, linkType) }
  }
}
