import Foundation
import Glibc
import Synchronization

/// The whole screen of a terminal: taken on creation, given back as it was at the end, however that comes.
struct TopTerminal: ~Copyable {
  private var before = termios()
  /// What the screen shows: only lines that differ are written.
  private var shown: [String] = []
  private var shownSize = Size(width: 0, height: 0)

  struct Size: Equatable {
    var width: Int
    var height: Int
  }

  private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[2J"
  private static let leave = "\u{1b}[?25h\u{1b}[?1049l"

  init() throws(Failure) {
    guard unsafe tcgetattr(Console.input, &before) == 0 else {
      throw Failure("standard input is no terminal: \(systemMessage(errno))")
    }
    var raw = before
    unsafe cfmakeraw(&raw)
    unsafe tcsetattr(Console.input, TCSAFLUSH, &raw)
    for number in [SIGTERM, SIGHUP, SIGINT] { _ = signal(number) { _ in stopIsWanted.store(true, ordering: .relaxed) } }
    try? Descriptor.write(Array(Self.enter.utf8), to: Console.output)
  }

  deinit {
    try? Descriptor.write(Array(Self.leave.utf8), to: Console.output)
    var before = before
    unsafe tcsetattr(Console.input, TCSAFLUSH, &before)
  }

  static var size: Size {
    var size = winsize()
    guard unsafe ioctl(Console.output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return Size(width: 80, height: 24)
    }
    return Size(width: Int(size.ws_col), height: Int(size.ws_row))
  }

  /// Keys that came within a tenth of a second; nil when the terminal is gone or a signal wants an end.
  func keys() -> [TopKey]? {
    if stopIsWanted.load(ordering: .relaxed) { return nil }
    var descriptor = pollfd(fd: Console.input, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&descriptor, 1, 100) > 0 else { return stopIsWanted.load(ordering: .relaxed) ? nil : [] }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(Console.input, &buffer, buffer.count)
    return count > 0 ? TopKey.read(Array(buffer[..<count])) : nil
  }

  /// Lines as they are to stand there, painted already. One write, between the marks of a synchronized update: nothing
  /// is ever seen half drawn.
  mutating func show(_ lines: [String], _ size: Size) throws {
    var text = ""
    if size != shownSize {
      shown = []
      text += "\u{1b}[2J"
    }
    for row in 0..<size.height {
      let line = row < lines.count ? lines[row] : ""
      guard row >= shown.count || shown[row] != line else { continue }
      text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[0m\u{1b}[K"
    }
    shown = (0..<size.height).map { $0 < lines.count ? lines[$0] : "" }
    shownSize = size
    if !text.isEmpty { try Console.write(Array("\u{1b}[?2026h\(text)\u{1b}[?2026l".utf8)) }
  }
}

/// Set by signals.
private let stopIsWanted = Atomic(false)
