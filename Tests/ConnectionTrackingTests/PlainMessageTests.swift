import PacketDecoding
import TestNumbers
import Testing

@testable import ConnectionTracking

/// Plain messages whose head is remembered leave a conversation as they would if they were read.
@Suite struct PlainMessageTests {
  private static let requests = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /another HTTP/1.0\r\nHost: a\r\nConnection: close\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe",
    "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "GET / HTTP/1.1\r\nKeep-Alive: timeout=5\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ]
  private static let answers = [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhello",
    "HTTP/1.1 204 None\r\n\r\n", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switch\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5, max=9\r\n\r\n",
  ]
  private static let others = ["hello", "\u{16}\u{3}\u{1}\u{0}\u{5}hello", " world"]

  /// One side of the comparison.
  private struct Hearing: ~Copyable {
    var turns = Conversation.Turns()
    var speakers = Conversation.Speakers()
    var closing = FlowClosing()
    var heads: HeadsInProgress

    init(remembersHeads: Bool) { heads = HeadsInProgress(remembersHeads: remembersHeads) }

    mutating func forgetConversation() {
      (turns, speakers, closing) = (Conversation.Turns(), Conversation.Speakers(), FlowClosing())
      heads.forget(Slot(0))
    }

    mutating func takePlain(_ role: Role, _ octets: RawSpan, _ utterance: Utterance) -> Bool {
      let segment = (utterance.sequence, UInt32(utterance.length))
      return turns.takePlain(role, octets, segment, at: utterance.now, &speakers, heads.memory)
    }

    mutating func read(_ role: Role, _ octets: RawSpan, _ utterance: Utterance) {
      Talk.lend(&turns, &speakers, &closing, role, at: Slot(0)) { talk in
        talk.takeInOrder(octets, utterance, &heads)
      }
    }

    var state: [[UInt8]] { [octets(of: turns), octets(of: speakers), octets(of: closing.particulars)] }
  }

  @Test func isAsIfItWereRead() {
    var random = SplitMix(state: 5)
    var recalling = Hearing(remembersHeads: true)
    var reading = Hearing(remembersHeads: false)
    var plain: [Role: Int] = [:]
    for _ in 0..<20_000 {
      recalling.forgetConversation()
      reading.forgetConversation()
      for number in 0..<Int64.random(in: 1...6, using: &random) {
        let role: Role = (number % 2 == 0) == (Int.random(in: 0..<8, using: &random) > 0) ? .client : .server
        let said = Self.say(role, &random)
        let captured = Int.random(in: 0..<8, using: &random) > 0 ? said.count : said.count / 2 + 1
        let text = Array(said.prefix(captured))
        let octets = unsafe text.span.bytes
        let utterance = Utterance(
          sequence: SequenceNumber(UInt32.random(in: .min ... .max, using: &random)),
          length: said.count,
          missing: 0,
          isLate: false,
          now: Instant(nanoseconds: number * 1_000_000),
          peerSentFIN: false
        )
        let before = recalling.state
        if recalling.takePlain(role, octets, utterance) {
          plain[role, default: 0] += 1
        } else {
          #expect(recalling.state == before)
          recalling.read(role, octets, utterance)
        }
        reading.read(role, octets, utterance)
        #expect(recalling.state == reading.state, "\(role) said \(said)")
      }
    }
    #expect(Role.allCases.allSatisfy { plain[$0, default: 0] > 1_000 })
  }

  private static func say(_ role: Role, _ random: inout SplitMix) -> [UInt8] {
    let usual = role == .client ? requests : answers
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return pick(others, &random)
    case 1: return pick(requests + answers, &random)
    case 2: return pick(usual, &random) + pick(usual, &random)
    case 3: return Array(pick(usual, &random).dropLast(3))
    case 4..<8: return Array(usual[role == .client ? 0 : 1].utf8)
    default: return pick(usual, &random)
    }
  }

  private static func pick(_ texts: [String], _ random: inout SplitMix) -> [UInt8] {
    Array(texts[Int.random(in: texts.indices, using: &random)].utf8)
  }
}
