import PacketDecoding
import Testing

@testable import ConnectionTracking

struct ConversationTests {
  @Test(arguments: ConversationCase.http)
  func http(conversation: ConversationCase) { check(conversation) }

  @Test(arguments: ConversationCase.others)
  func others(conversation: ConversationCase) { check(conversation) }

  private func check(_ conversation: ConversationCase) {
    var dialogue = Dialogue(snapLength: conversation.snapLength)
    dialogue.run(conversation.steps)
    let (view, exchanges) = (dialogue.view, dialogue.exchanges)
    #expect(view?.conversation.summary == conversation.expected)
    #expect(exchanges == Int(view?.conversation.exchanges ?? 0))
  }

  @Test
  func roundTrip() {
    var dialogue = Dialogue()
    dialogue.run([.open])
    let view = dialogue.view
    #expect(view?.detail.roundTrip == Seconds(nanoseconds: 2_000_000))
  }

  @Test
  func endIsReportedOnce() {
    var dialogue = Dialogue()
    dialogue.run([.open, ConversationCase.get, ConversationCase.ok, .clientFIN, .serverFIN])
    let count = dialogue.endedCount
    #expect(count == 1)
  }

  /// A trap ends the test run.
  @Test
  func anythingInAnyOrder() {
    var state: UInt64 = 11
    let all = (ConversationCase.http + ConversationCase.others).flatMap(\.steps)
    for _ in 0..<2_000 {
      var dialogue = Dialogue(snapLength: state % 3 == 0 ? 40 : .max)
      for _ in 0..<30 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        dialogue.run([all[Int(state >> 33) % all.count]])
      }
      let (view, conversation) = (dialogue.view, dialogue.view?.conversation)
      #expect((conversation?.answers ?? 0) <= (conversation?.requests ?? 0))
      #expect(view?.flow.isOpaque == conversation?.turns.isOpaque)
      let mayTell = conversation?.requests == 0 || conversation?.requests == 2 && conversation?.answers == 1
      #expect(view?.flow.turnsSuffice == conversation.map { $0.turns.isOpaque && !mayTell })
    }
  }
}

extension Conversation {
  fileprivate var summary: String {
    let words: [(Bool, String)] = [
      (exchanges == nil, "null"), (facts.isPipelined, "pipelined"), (facts.isUpgraded, "upgraded"),
      (facts.hasUnsolicitedAnswer, "unsolicited"), (client.lastFacts.asksClose, "client-close"),
      (server.lastFacts.asksClose, "server-close"), (advertisedTimeout != nil, "timeout=\(advertisedTimeout ?? 0)"),
      (advertisedMaximum != nil, "max=\(advertisedMaximum ?? 0)"),
      (longestGap >= Seconds(1), "gap=\(rounded(longestGap))"),
      (client.endedWithAlert, "client-alert"), (facts.clientAlertedFirst, "first"),
      (server.endedWithAlert, "server-alert"), (facts.serverAlertedFirst, "first"),
      (facts.requestCrossedFIN, "crossed"), (facts.isReuseRace, "race"), (facts.answeredEarly, "early"),
      (facts.closedWithRequestOutstanding, "outstanding"), (facts.closedWithAnswerUnread, "unread"),
      (facts.closedWithRequestUnfinished, "unfinished"),
      (idleBeforeClose != nil, "idle=\(rounded(idleBeforeClose ?? .zero))"),
      (probes.client.count > 0, "client-probes=\(text(probes.client))"),
      (probes.server.count > 0, "server-probes=\(text(probes.server))"),
    ]
    return (["\(kind) \(requests)/\(answers)"] + words.filter(\.0).map(\.1)).joined(separator: " ")
  }

  private func rounded(_ seconds: Seconds) -> String {
    let tenths = (seconds.value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  }

  private func text(_ probes: KeepAliveProbes) -> String {
    "\(probes.count)/\(probes.unanswered)@\(rounded(probes.interval))"
  }
}
