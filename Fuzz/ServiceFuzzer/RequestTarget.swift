import Dispatch
import FuzzDriver
import NIOHTTP1
import Synchronization

@testable import StatusServer

/// A method and a target, as the routes get them: the answer is one of those that there are, and its fields are one
/// line each.
enum RequestTarget {
  private static let methods = ["GET", "HEAD", "POST", "DELETE", "PUT"]
  private static let known: Set = [200, 400, 403, 404, 405, 421, 503]

  static func run(_ octets: RawSpan) {
    var input = FuzzInput(octets)
    let choice = input.octet()
    let method = methods[Int(choice & 7) % methods.count]
    let target = octets.extracting(input.rest()).text
    var api = API(source: FuzzSource(), host: HostCheck(allowed: []), budget: AnswerBudget(bytes: 1 << 26))
    api.servesPackets = choice & 8 != 0
    api.servesMetricsOnly = choice & 16 != 0
    let answer = wait { [api] in await api.answer(method: method, target: target, host: "localhost", accept: target) }
    promise(known.contains(answer.status), "\(answer.status) is a status")
    let head = answer.head(for: nil)
    for (name, value) in head.headers {
      promise(!(name + value).utf8.contains { $0 < 0x20 || $0 == 0x7F }, "\(name) has no control characters")
    }
    guard answer.contentType.hasSuffix("json") else { return }
    promise(answer.body.first == UInt8(ascii: "{") && answer.body.suffix(2) == [0x7D, 0x0A], "the body is an object")
    promise(!answer.body.dropLast().contains { $0 < 0x20 }, "JSON has no control characters as they are")
  }

  private static func wait(_ body: @escaping @Sendable () async -> Answer) -> Answer {
    let (done, box) = (DispatchSemaphore(value: 0), Box())
    Task {
      let answer = await body()
      box.answer.withLock { $0 = answer }
      done.signal()
    }
    done.wait()
    return box.answer.withLock { $0 } ?? .stopping
  }

  private final class Box: Sendable {
    let answer = Mutex<Answer?>(nil)
  }
}
