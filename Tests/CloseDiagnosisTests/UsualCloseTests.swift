import PacketDecoding
import TestNumbers
import Testing

@testable import CloseDiagnosis
@testable import ConnectionTracking

/// Closes that are alike in their outline have the same cause, and leave the same behind, as if each were looked at.
@Suite struct UsualCloseTests {
  @Test(arguments: [1, 2, 3])
  func isAsIfEachWereLookedAt(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    var remembering = Diagnosis(keepsVerdicts: true)
    var looking = Diagnosis(keepsVerdicts: true)
    var close = EndedConnection(serial: 0, service: 1, peer: 1)
    var (told, partial) = (0, 0)
    for serial in 1...20_000 {
      let peer = UInt32.random(in: 1...8, using: &random)
      let next = EndedConnection(serial: UInt64(serial), service: .random(in: 1...3, using: &random), peer: peer)
      // Most are as the one before.
      close = random.chance(50) ? Self.made(next, using: &random) : Self.remade(next, as: close, using: &random)
      close.client = Endpoint(address: IPAddress(ipv4: peer), port: UInt16.random(in: 1...9, using: &random))
      let now = Instant(nanoseconds: Int64(serial) * 1_000_000)
      let account = AccountKey(service: close.service, peer: peer)
      let server = Endpoint(address: IPAddress(ipv4: 0x0A00_0001), port: UInt16(close.service))
      remembering.open(account, server: server, at: now)
      looking.open(account, server: server, at: now)
      remembering.end(close, at: now)
      let facts = CloseFacts(close, at: now)
      told += facts.isToldByOutline ? 1 : 0
      partial += close.isPartial ? 1 : 0
      looking.end(facts)
      #expect(remembering.verdict(of: close.serial) == looking.verdict(of: close.serial))
      if serial % 1000 == 0 {
        #expect(Self.figures(of: remembering.current) == Self.figures(of: looking.current))
        remembering.decide(at: now)
        looking.decide(at: now)
      }
    }
    remembering.decideAll()
    looking.decideAll()
    #expect(Self.figures(of: remembering.current) == Self.figures(of: looking.current))
    #expect(told > 500 && partial > 500)
  }

  /// All that is reported.
  private static func figures(of report: CauseReport) -> [String] {
    var figures = CloseCause.allCases.map { "\($0) \(report.whole[$0])" }
    for (service, causes) in report.services {
      figures.append("\(service) \(causes.counts.undecided) \(causes.timeouts)")
      for cause in CloseCause.allCases {
        let evidence = causes.evidence(of: cause)
        let peers = evidence?.peers.map { "\($0.address) \($0.count)" } ?? []
        figures.append("\(cause) \(causes.counts[cause]) \(evidence?.newest.description ?? "") \(peers)")
      }
    }
    return figures
  }

  private static func made(_ close: EndedConnection, using random: inout SplitMix) -> EndedConnection {
    var close = close
    close.kind = random.chance(50) ? .http1 : Conversation.Kind.allCases.randomElement(using: &random) ?? .tls
    close.closeKind = random.chance(50) ? .fin : CloseKind.allCases.randomElement(using: &random) ?? .rst
    close.closedFirst = ClosedFirst.allCases.randomElement(using: &random) ?? .none
    close.requestedBy =
      close.kind == .http1 ? [nil, .client, .client, .server].randomElement(using: &random) ?? nil : nil
    close.hasPayload = !random.chance(12)
    close.isAbrupt = random.chance(12)
    close.isHTTP10 = random.chance(12)
    close.isPartial = random.chance(12)
    if random.chance(25) { close.facts.closedWithRequestOutstanding = true }
    if random.chance(25) { close.facts.closedWithAnswerUnread = true }
    if random.chance(12) { close.facts.answeredEarly = true }
    if random.chance(12) { close.facts.requestCrossedFIN = true }
    if random.chance(12) { close.clientTimeout = 5 }
    return numbered(close, using: &random)
  }

  /// With the outline of another.
  private static func remade(
    _ close: EndedConnection,
    as other: EndedConnection,
    using random: inout SplitMix
  ) -> EndedConnection {
    let account = AccountKey(service: close.service, peer: close.peer)
    return numbered(other.renumbered(serial: close.serial, account, openSiblings: 0), using: &random)
  }

  private static func numbered(_ close: EndedConnection, using random: inout SplitMix) -> EndedConnection {
    var close = close
    close.life = Seconds(nanoseconds: .random(in: 0...1_000_000_000, using: &random))
    // Where the client asked for the close there is nothing that silences have in common.
    let isAlike = close.requestedBy != .client && random.chance(80)
    close.idleBeforeClose = random.chance(10) ? nil : isAlike ? 300_000_000 : Int64(random.below(3_000_000_000))
    close.lastGap = .random(in: 0...3_000_000_000, using: &random)
    close.exchanges = .random(in: 0...3, using: &random)
    close.openSiblings = .random(in: 0...2, using: &random)
    close.unansweredProbes = .random(in: 0...4, using: &random)
    return close
  }
}
