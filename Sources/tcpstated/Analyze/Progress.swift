import Glibc

/// How far reading is, on one line of a terminal that is gone when the work is done.
struct Progress {
  private let isShown: Bool
  private let begin = Self.now()
  private var shown: Double

  private static let interval = 0.25

  init(isShown: Bool = Console.isTerminal(Console.error)) {
    self.isShown = isShown
    // Short work shows none.
    shown = begin
  }

  /// - Parameter fraction: nil when the size is not known (a pipe).
  mutating func show(packets: Int, fraction: Double?) {
    guard isShown else { return }
    let now = Self.now()
    guard now - shown >= Self.interval else { return }
    shown = now
    Self.put("\r\u{1b}[K" + Self.line(packets: packets, fraction: fraction, seconds: now - begin))
  }

  func clear() {
    if isShown, shown > begin { Self.put("\r\u{1b}[K") }
  }

  static func line(packets: Int, fraction: Double?, seconds: Double) -> String {
    let rate = seconds > 0 ? Int(Double(packets) / seconds) : 0
    let share = fraction.map { "\(Int(min(max($0, 0), 1) * 100)) %, " } ?? ""
    return "\(share)\(Figure.count(packets)) packets, \(Figure.count(rate)) packets/s"
  }

  private static func put(_ text: String) {
    try? Descriptor.write(Array(text.utf8), to: Console.error)
  }

  /// Seconds of a clock that never goes back.
  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
