internal import Glibc
internal import PacketDecoding

/// One of the files of a timeline.
///
/// To put several in order, the time of the first packet of each has to be known. A regular file is opened for that, and
/// again when its turn comes, so that a thousand of them need no thousand descriptors. What cannot be read twice (a
/// pipe) stays open, with the frames that were read of it.
final class CaptureInput {
  let path: String
  let first: Timestamp?
  private(set) var damage: CaptureDamage?
  private(set) var remark: String?
  private let filter: String?
  private var file: SaveFile?
  /// The frames that were read to know the first are still to be taken.
  private var hasPeeked = false

  /// - Parameter peeks: whether the time of the first packet is wanted.
  init(path: String, filter: String?, peeks: Bool) throws(CaptureError) {
    self.path = path
    self.filter = filter
    var file = try SaveFile(path: path, filter: filter)
    var first: Timestamp?
    while peeks, first == nil, try file.readFrames() > 0 {
      first = file.withFrames { $1.isEmpty ? nil : $1[0].info.timestamp }
    }
    self.first = first
    if peeks, Self.isRegular(path) { return }
    hasPeeked = first != nil
    self.file = consume file
  }

  private static func isRegular(_ path: String) -> Bool {
    var status = stat()
    guard path != "-", unsafe stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG
  }

  /// Its turn has come. Until then it has no interfaces.
  func begin() throws(CaptureError) {
    if file == nil { file = try SaveFile(path: path, filter: filter) }
  }

  /// As `SaveFile.readFrames()`.
  func readFrames() throws(CaptureError) -> Int {
    if hasPeeked {
      hasPeeked = false
      return file?.withFrames { $1.count } ?? 0
    }
    let count = try file?.readFrames() ?? 0
    damage = file?.damage
    remark = file?.remark
    return count
  }

  /// Gives the interfaces of the frames read last other numbers. Once for each batch.
  func renumber(_ numbers: [UInt16]) { file?.renumber(numbers) }

  /// The frames read last, while `body` runs.
  func withFrames(_ body: (_ octets: RawSpan, _ frames: Span<FrameRecord>) -> Void) {
    file?.withFrames(body)
  }

  /// Known interfaces; more may follow.
  var interfaceCount: Int { file?.interfaceCount ?? 0 }
  var interfaces: [CaptureInterface] { file?.interfaces ?? [] }

  /// How much of the file has been read, and how much there is, when that is known.
  var progress: (read: UInt64, total: UInt64?) {
    file?.progress ?? (0, nil)
  }

  func finish() { file = nil }

  /// For messages.
  var name: String { Self.name(path) }

  static func name(_ path: String) -> String { path == "-" ? "standard input" : path }
}

extension CaptureError {
  /// The message, with standard input called so.
  package var message: String {
    switch self {
    case .fileUnreadable(let path, let reason):
      CaptureError.fileUnreadable(path: CaptureInput.name(path), reason: reason).description
    case .notACapture(let path, let reason):
      CaptureError.notACapture(path: CaptureInput.name(path), reason: reason).description
    default: description
    }
  }
}
