internal import CPrefetch

/// Values by number, in one run of memory that begins with a cache line and never moves. All numbers are zeros at
/// first; of the address space that is reserved for them only what is touched takes memory.
///
/// Who asks for a number has made sure that it is below `capacity`.
@safe
struct ReservedArray<Element: BitwiseCopyable>: ~Copyable {
  let start: UnsafeMutablePointer<Element>
  let capacity: Int
  private let isReserved: Bool
  private let isLarge: Bool

  enum Pages {
    /// Large ones where there are many values: a lookup would wait for the translation of each address as well.
    case large
    /// In large ones what few have would take the memory of all.
    case small
  }

  /// - Parameter fewer: so many it holds, of memory as any other, where the kernel refuses so much address space.
  init(capacity wanted: Int, orFewer fewer: Int, pages: Pages = .large) {
    let (size, isTooMuch) = wanted.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    let reserved = unsafe isTooMuch ? nil : tcpstated_reserve(size, pages == .large ? 1 : 0)
    isReserved = unsafe reserved != nil
    isLarge = isReserved && pages == .large
    capacity = isReserved ? wanted : min(wanted, fewer)
    let memory = unsafe reserved ?? Self.allocate(capacity)
    unsafe start = memory.bindMemory(to: Element.self, capacity: capacity)
  }

  private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    let size = count * MemoryLayout<Element>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Int(tcpstated_cache_line))
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    return unsafe memory
  }

  deinit {
    if isReserved {
      unsafe tcpstated_release(start, capacity * MemoryLayout<Element>.stride)
    } else {
      unsafe start.deallocate()
    }
  }

  /// Of large pages the first is one of small ones, for a few values not to take all of it, until half of it is used.
  /// (Only the kernel knows whether it has one; nothing else tells a difference.)
  ///
  /// - Parameter numbers: those that will be used from now on, with those that are.
  @inline(never)
  func noteUse(of numbers: Range<Int>) {
    let page = Int(tcpstated_large_page)
    let half = page / 2 / MemoryLayout<Element>.stride
    guard isLarge, capacity &* MemoryLayout<Element>.stride >= page, numbers.contains(half) else { return }
    unsafe tcpstated_gather(start)
  }

  /// Asks for the line in which a value begins.
  @inline(__always)
  func prefetchLine(_ number: Int) { unsafe tcpstated_prefetch(start + number) }

  /// Asks for all of a value that is no longer than a line, if it is wanted once; if not at all, for the first of all,
  /// which is there anyway: no branch depends on it.
  @inline(__always)
  func prefetch(_ number: Int, times wanted: UInt8) {
    let place = unsafe UnsafeRawPointer(start + (number & (0 &- Int(wanted))))
    unsafe tcpstated_prefetch(place)
    // It need not begin where a line does.
    let line = Int(tcpstated_cache_line)
    if line % MemoryLayout<Element>.stride != 0 { unsafe tcpstated_prefetch(place + (MemoryLayout<Element>.size - 1)) }
  }

  /// Asks for all lines of a value.
  @inline(__always)
  func prefetch(_ number: Int) {
    let line = Int(tcpstated_cache_line)
    let place = unsafe UnsafeRawPointer(start + number)
    var reached = 0
    while reached < MemoryLayout<Element>.size {
      unsafe tcpstated_prefetch(place + reached)
      reached += line
    }
    // It need not begin where a line does.
    if MemoryLayout<Element>.size % line != 0 { unsafe tcpstated_prefetch(place + MemoryLayout<Element>.size - 1) }
  }
}
