internal import Dispatch
internal import Foundation
internal import Glibc
internal import Logging
internal import PacketDecoding
internal import Synchronization

/// What outlives the daemon, as one JSON file that is there whole or not at all. Written on a thread of its own: who saves
/// never waits for a disk.
final class StateFile: Sendable {
  private let path: String
  private let logger: Logger
  private let queue = DispatchQueue(label: "state")
  private let waiting = Mutex<(@Sendable () throws -> Data)?>(nil)
  private let hasFailed = Mutex(false)

  /// Seconds until what could not be written is tried again.
  private static let pause = 5.0
  /// A file beyond this is none of ours.
  private static let sizeLimit = 64 << 20

  init(path: String, logger: Logger) {
    self.path = path
    self.logger = logger
  }

  /// Where systemd lets a service keep what it needs (StateDirectory=), or where the configuration says.
  static func directory(configured: String?) -> String? {
    if let configured { return configured }
    // More than one may be given, with colons between them.
    let given = unsafe getenv("STATE_DIRECTORY").map { unsafe String(cString: $0) } ?? ""
    return given.split(separator: ":").first.map(String.init)
  }

  /// What was saved last; nil when there is nothing. A file that cannot be read is put aside, and said.
  func load<Value: Decodable>(_ type: Value.Type, isKnown: (Value) -> Bool) -> Value? {
    guard let descriptor = open() else { return nil }
    defer { close(descriptor) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    do {
      let data = try handle.read(upToCount: Self.sizeLimit) ?? Data()
      let value = try Self.decoder.decode(type, from: data)
      if isKnown(value) { return value }
      putAside("it was written by another version")
    } catch {
      putAside("it is damaged")
    }
    return nil
  }

  private func open() -> Int32? {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0, errno != ENOENT {
      logger.warning("cannot read \(path): \(Self.reason()); what it held begins anew")
    }
    return descriptor < 0 ? nil : descriptor
  }

  private func putAside(_ reason: String) {
    let aside = path + ".unreadable"
    let isMoved = unsafe rename(path, aside) == 0
    let whereTo = isMoved ? "; it is now \(aside)" : ""
    logger.warning("cannot use \(path): \(reason)\(whereTo), and what it said is forgotten")
  }

  /// Takes a value to be written soon; of several that wait, the last.
  func save(_ value: some Encodable & Sendable) {
    let isFirst = waiting.withLock { waiting in
      defer { waiting = { try Self.encoder.encode(value) } }
      return waiting == nil
    }
    if isFirst { queue.async { self.writeWaiting() } }
  }

  /// Waits until everything is written, for no longer than `span`: the disk may hang.
  func finish(within span: Seconds) {
    let group = DispatchGroup()
    queue.async(group: group) { self.writeWaiting() }
    _ = group.wait(timeout: .now() + span.value)
  }

  private func writeWaiting() {
    let encode = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    guard let encode else { return }
    do {
      try WholeFile.write(Array(try encode()), to: path)
      hasFailed.withLock { $0 = false }
    } catch {
      // Once, not each second: a full disk stays full for a while.
      let isNew = hasFailed.withLock { hasFailed in
        defer { hasFailed = true }
        return !hasFailed
      }
      if isNew { logger.error("cannot write \(path): \(error); what it holds would begin anew after a restart") }
      tryAgain(encode)
    }
  }

  /// Unless something newer waits by now.
  private func tryAgain(_ encode: @escaping @Sendable () throws -> Data) {
    let isNewest = waiting.withLock { waiting in
      guard waiting == nil else { return false }
      waiting = encode
      return true
    }
    if isNewest { queue.asyncAfter(deadline: .now() + Self.pause) { self.writeWaiting() } }
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf",
      negativeInfinity: "-inf",
      nan: "nan"
    )
    return decoder
  }
}
