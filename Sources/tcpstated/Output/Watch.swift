import Glibc

/// Again and again: on a terminal in place, elsewhere one after the other.
struct Watch {
  let pause: Double

  /// - Parameter print: what is shown, without its line breaks; thrown for what was wrong this time, which is told.
  func run(_ output: () throws -> [UInt8]) throws -> Never {
    let isScreen = Console.hasScreen
    if isScreen { try Console.write(Array("\u{1b}[2J".utf8)) }
    while true {
      let bytes: [UInt8]
      do { bytes = try output() } catch let failure as Failure { bytes = Array("Error: \(failure)\n".utf8) }
      try Console.write(isScreen ? Self.screen(bytes) : bytes)
      usleep(useconds_t(pause * 1e6))
    }
  }

  /// From the top left corner, as many lines as fit; nothing is cleared before it is written over.
  private static func screen(_ bytes: [UInt8]) -> [UInt8] {
    let height = TopTerminal.size.height
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.prefix(height).joined(separator: "\u{1b}[K\r\n")
    return Array("\u{1b}[?2026h\u{1b}[H\(shown)\u{1b}[J\u{1b}[?2026l".utf8)
  }
}
