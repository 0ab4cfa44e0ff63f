import PacketDecoding
import Testing

@testable import ConnectionTracking

/// A direction of a conversation stands in few octets: what shares one of them leaves the others alone.
@Suite struct SpeakerTests {
  @Test func isSmall() {
    #expect(MemoryLayout<Conversation.Speakers>.stride == 32)
  }

  @Test func keepsMethodAndFactsApart() {
    // The others frame their answers alike.
    let methods: [HTTPMethod] = [.other, .connect, .head]
    for (method, next) in methods.flatMap({ method in methods.map { (method, $0) } }) {
      for facts in 0..<8 {
        var speaker = Speaker()
        speaker.lastMethod = method
        speaker.isCounted = facts & 1 != 0
        speaker.endedWithAlert = facts & 2 != 0
        speaker.sentFinished = facts & 4 != 0
        #expect(speaker.lastMethod == method)
        speaker.lastMethod = next
        let kept = (speaker.isCounted ? 1 : 0) + (speaker.endedWithAlert ? 2 : 0) + (speaker.sentFinished ? 4 : 0)
        #expect(speaker.lastMethod == next && kept == facts)
      }
    }
  }

  /// Each octet comes in a segment of its own: the reader goes on from what was kept of it.
  @Test func keepsItsReaderOfRecords() {
    let octets: [UInt8] = [0x17, 0x03, 0x03, 0x01, 0x02] + [UInt8](repeating: 0xFF, count: 0x102)
    var speaker = Speaker()
    var lengths: [UInt16] = []
    for octet in octets + octets {
      var offset = 0
      let segment = [octet]
      let bytes = unsafe segment.span.bytes
      if case .record(let record, _) = speaker.records.next(bytes, wireLength: 1, from: &offset) {
        lengths.append(record.length)
      }
    }
    #expect(lengths == [0x102, 0x102])
  }
}
