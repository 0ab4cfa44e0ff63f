import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// Payload that nobody reads comes to the same turn by turn as when all of the conversation is at hand.
@Suite struct UnreadTests {
  @Test(arguments: [Conversation.Kind.http2, .other, .notCaptured])
  func changesWhatTheLongWayChanges(kind: Conversation.Kind) {
    var random = SplitMix(state: 7)
    var short = 0
    for _ in 0..<200 {
      var conversation = Conversation()
      conversation.kind = kind
      #expect(conversation.turns.isOpaque)
      var now = Instant(nanoseconds: 1_000_000_000)
      for _ in 0..<20 {
        now = now + Seconds(nanoseconds: Int64(random.below(2_000_000_000)))
        let role = random.chance(50) ? Role.client : .server
        let before = conversation
        hear(role, at: now, &conversation)
        var turns = before.turns
        guard let answers = turns.takeUnread(role, at: now) else {
          #expect(octets(of: turns) == octets(of: before.turns))
          continue
        }
        short += 1
        #expect(octets(of: turns) == octets(of: conversation.turns))
        #expect("\(before.speakers)" == "\(conversation.speakers)")
        #expect("\(before.probes)" == "\(conversation.probes)")
        #expect(octets(of: before.particulars) == octets(of: conversation.particulars))
        #expect(conversation.exchanges == nil || before.exchanges == answers.before)
        #expect(conversation.exchanges == nil || conversation.exchanges == answers.after)
        #expect(conversation.exchanges != nil || answers.before == answers.after)
      }
    }
    #expect(short > 1_000)
  }

  @Test(arguments: Role.allCases)
  func beginsAsTheLongWayDoes(role: Role) {
    let now = Instant(nanoseconds: 1_000_000_000)
    var conversation = Conversation()
    hear(role, at: now, &conversation)
    #expect(octets(of: Conversation.Turns(unread: role, at: now)) == octets(of: conversation.turns))
    #expect("\(Conversation().speakers)" == "\(conversation.speakers)")
    #expect("\(Conversation().probes)" == "\(conversation.probes)")
    #expect(octets(of: Conversation().particulars) == octets(of: conversation.particulars))
    #expect(conversation.turns.isOpaque && conversation.kind == .notCaptured && conversation.exchanges == 0)
  }

  /// In the table they begin as zeros.
  @Test
  func speakersAreZeroAtFirst() {
    var speakers = Conversation.Speakers()
    speakers.client.isCounted = true
    speakers.server.stage = .body
    unsafe withUnsafeMutablePointer(to: &speakers) { unsafe Conversation.Speakers.clear($0) }
    #expect("\(speakers)" == "\(Conversation.Speakers())")
  }

  private func hear(_ role: Role, at now: Instant, _ conversation: inout Conversation) {
    let utterance = Utterance(
      sequence: SequenceNumber(1),
      length: 1_000,
      missing: 0,
      isLate: false,
      now: now,
      peerSentFIN: false
    )
    var heads = HeadsInProgress(remembersHeads: false)
    var closing = FlowClosing()
    closing.particulars = conversation.particulars
    Talk.lend(&conversation.turns, &conversation.speakers, &closing, role, at: Slot(0)) { talk in
      talk.take(RawSpan(), from: 0, utterance, &heads)
      #expect(talk.needsSpeakers == (talk.kind != .notCaptured))
    }
    conversation.particulars = closing.particulars
  }
}
