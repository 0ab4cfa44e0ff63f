import TestNumbers
import Testing

@testable import PacketDecoding

/// What is remembered of heads is what is read of them.
struct HeadMemoryTests {
  @Test
  func recallsBehindTheStart() {
    let memory = HeadMemory(isKept: true)
    let rest = " HTTP/1.0\r\nHost: a\r\nContent-Length: 7\r\nKeep-Alive: timeout=3, max=4\r\n\r\n"
    #expect(recall(rest, isRequest: true, memory) == nil)
    let said = read(["POST /1" + rest], memory)
    #expect(said == read(["POST /1" + rest]))
    #expect(recall(rest, isRequest: true, memory) == said.head.facts)
    #expect(recall(rest, isRequest: false, memory) == nil)
    #expect(recall(String(rest.dropLast()) + "\r", isRequest: true, memory) == nil)
    // Not longer than what is left.
    #expect(recall(String(rest.dropLast()), isRequest: true, memory) == nil)
    for line in ["PUT /22?b=c", "HTTP/1.1 200", "HTTP/1.0 404", "GET /\t"] {
      #expect(read([line + rest], memory) == read([line + rest]), "\(line)")
    }
  }

  @Test
  func keepsNothingWhereItShouldNot() {
    let memory = HeadMemory(isKept: false)
    let rest = " HTTP/1.1\r\nCookie: secret\r\n\r\n"
    #expect(read(["GET /1" + rest], memory) == read(["GET /1" + rest]))
    #expect(recall(rest, isRequest: true, memory) == nil)
  }

  /// The version and the status of an answer are read each time.
  @Test(arguments: ["HTTP/1.0 200", "HTTP/1.1 200", "HTTP/1.0 304", "HTTP/1.1 101"])
  func startsOfAnswersDiffer(first: String) {
    let memory = HeadMemory(isKept: true)
    let rest = " OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"
    for start in [first, "HTTP/1.1 200", "HTTP/1.0 200", "HTTP/1.1 204", "HTTP/1.2 200", "HTTP/1.1 099"] {
      #expect(read([start + rest], memory) == read([start + rest]), "\(start) after \(first)")
    }
  }

  @Test(arguments: [487, 488, 489, 2000])
  func longOnesAreNotKept(count: Int) {
    let memory = HeadMemory(isKept: true)
    let ends = " HTTP/1.1\r\nCookie: \r\nConnection: close\r\n\r\n"
    let cookie = String(repeating: "c", count: count - ends.utf8.count)
    let rest = " HTTP/1.1\r\nCookie: \(cookie)\r\nConnection: close\r\n\r\n"
    #expect(read(["GET /" + rest], memory) == read(["GET /" + rest]))
    #expect((recall(rest, isRequest: true, memory) != nil) == (count <= 488))
    #expect(read(["GET /" + rest], memory) == read(["GET /" + rest]))
  }

  /// What is never said again is not kept each time, and nothing is lost by it for long.
  @Test
  func learnsAnew() {
    let memory = HeadMemory(isKept: true)
    func rest(_ number: Int) -> String { " HTTP/1.1\r\nDate: \(1_000_000 + number)\r\n\r\n" }
    var kept = 0
    for number in 0..<320 {
      _ = read(["GET /" + rest(number)], memory)
      if recall(rest(number), isRequest: true, memory) != nil {
        kept += 1
        // Recalled, it is said again; here it is not.
        for other in 0..<15 { _ = read(["GET /" + rest(1000 * number + other)], memory) }
      }
    }
    #expect(kept > 0 && kept < 320)
    for _ in 0..<16 { _ = read(["GET /" + rest(7)], memory) }
    #expect(recall(rest(7), isRequest: true, memory) != nil)
  }

  /// Heads that are nearly the same, in one segment or two, of any length, one after the other.
  @Test
  func mutatedHeads() {
    let memory = HeadMemory(isKept: true)
    var random = SplitMix(state: 11)
    let texts = HeadCase.all.map { $0.payloads.joined() } + HeadCase.usual
    let heads = texts.filter { !$0.isEmpty }.map { Array($0.utf8) }
    let odd = Array("\r\n :\t-,cekutCEKUT09\u{B}\u{7F}\u{0}".utf8)
    var head = heads[0]
    for round in 0..<60_000 {
      // The same many times, for it to be remembered, and for what is nearly the same to meet it.
      if round % 24 == 0 { head = heads[random.below(heads.count)] }
      var next = head
      for _ in 0..<random.below(3) {
        let place = random.below(next.count)
        switch random.below(4) {
        case 0: next.insert(odd[random.below(odd.count)], at: place)
        case 1: if next.count > 1 { next.remove(at: place) }
        default: next[place] = odd[random.below(odd.count)]
        }
      }
      let middle = random.below(8) == 0 ? random.below(next.count) : next.count
      let parts = [Array(next[..<middle]), Array(next[middle...])]
      let text = String(decoding: next, as: UTF8.self).debugDescription
      #expect(read(parts, memory) == read(parts), "\(text) at \(middle)")
      #expect(read(parts) == read(next.map { [$0] }), "\(text) at \(middle)")
    }
  }

  private struct Outcome: Equatable {
    var progress: HeadReader.Progress
    var head: MessageHead
    /// Octets of the head, where it is complete.
    var length: Int?
  }

  private func read(_ payloads: [String], _ memory: borrowing HeadMemory) -> Outcome {
    read(payloads.map { Array($0.utf8) }, memory)
  }

  private func read(_ payloads: [String]) -> Outcome { read(payloads.map { Array($0.utf8) }) }

  /// As `Talk` does.
  private func read(_ payloads: [[UInt8]], _ memory: borrowing HeadMemory) -> Outcome {
    var (reader, before) = (HeadReader(), 0)
    for (number, payload) in payloads.enumerated() {
      var offset = 0
      // The array outlives the call.
      let isUsual = unsafe number == 0 && reader.readUsual(payload.span.bytes, from: &offset, memory)
      let progress = unsafe isUsual ? .complete : reader.read(payload.span.bytes, from: &offset)
      if progress == .complete { return Outcome(progress: progress, head: reader.head, length: before + offset) }
      if progress == .notAHead { return Outcome(progress: progress, head: MessageHead()) }
      before += payload.count
    }
    return Outcome(progress: .partial, head: reader.head)
  }

  private func read(_ payloads: [[UInt8]]) -> Outcome {
    var (reader, before) = (HeadReader(), 0)
    for payload in payloads {
      var offset = 0
      // The array outlives the call.
      let progress = unsafe reader.read(payload.span.bytes, from: &offset)
      if progress == .complete { return Outcome(progress: progress, head: reader.head, length: before + offset) }
      if progress == .notAHead { return Outcome(progress: progress, head: MessageHead()) }
      before += payload.count
    }
    return Outcome(progress: .partial, head: reader.head)
  }

  private func recall(_ rest: String, isRequest: Bool, _ memory: borrowing HeadMemory) -> HeadFacts? {
    let octets = Array(rest.utf8)
    var head = MessageHead()
    // The array outlives the call.
    let end = unsafe memory.recall(octets.span.bytes, from: 0, isRequest: isRequest, &head)
    return end.map { _ in head.facts }
  }
}
