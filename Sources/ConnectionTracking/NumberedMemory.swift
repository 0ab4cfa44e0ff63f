public import CPrefetch

/// Values by the small numbers that accounts have, in memory of its own that begins with a cache line: what is a whole
/// number of lines long never lies across one more. (An array of them does, and is asked with each change whether
/// anybody shares it.)
///
/// The pointer is private, and each place looked up is one that was initialized: that is what makes it safe.
@safe
@usableFromInline
package struct NumberedMemory<Value: Sendable>: ~Copyable, @unchecked Sendable {
  @usableFromInline var start: UnsafeMutablePointer<Value>
  @usableFromInline var used = 0
  @usableFromInline var capacity: Int
  /// It has large pages of its own, which need not be copied to have more.
  private var isLarge: Bool

  package init() {
    capacity = 16
    (unsafe start, isLarge) = unsafe Self.memory(capacity)
  }

  deinit {
    unsafe start.deinitialize(count: count)
    unsafe Self.free(start, capacity * MemoryLayout<Value>.stride, isLarge: isLarge)
  }

  @inlinable @inline(__always) package var count: Int { used }

  @inlinable @inline(__always) package var indices: Range<Int> { 0..<count }

  @inlinable
  package subscript(number: Int) -> Value {
    @inline(__always) unsafeAddress {
      precondition(number >= 0 && number < count)
      return unsafe UnsafePointer(start + number)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(number >= 0 && number < count)
      return unsafe start + number
    }
  }

  @inlinable
  package mutating func append(_ value: Value) {
    if used == capacity { grow() }
    unsafe (start + used).initialize(to: value)
    used += 1
  }

  /// Puts a value at a number that may be the next.
  package mutating func put(_ value: Value, at number: Int) {
    if number < count { self[number] = value } else { append(value) }
  }

  /// Asks for a value's first line; any number will do.
  @inlinable @inline(__always)
  package func prefetch(_ number: Int) {
    if number >= 0, number < count { unsafe prefetchLine(start + number) }
  }

  /// The same, and for its second.
  @inlinable @inline(__always)
  package func prefetchTwo(_ number: Int) {
    if number >= 0, number < count { unsafe prefetchLines(start + number) }
  }

  @inline(never)
  @usableFromInline
  mutating func grow() {
    let (before, count) = unsafe (start, count)
    let wasLarge = isLarge
    let size = capacity * MemoryLayout<Value>.stride
    capacity *= 2
    if wasLarge, let larger = unsafe tcpstated_more_large_pages(before, size, 2 * size) {
      // Of what Swift lets be moved octet by octet, which is all but weak references.
      unsafe start = larger.bindMemory(to: Value.self, capacity: capacity)
      return
    }
    (unsafe start, isLarge) = unsafe Self.memory(capacity)
    unsafe start.moveInitialize(from: before, count: count)
    unsafe Self.free(before, size, isLarge: wasLarge)
  }

  /// - Returns: whether it is large pages of its own.
  private static func memory(_ capacity: Int) -> (UnsafeMutablePointer<Value>, isLarge: Bool) {
    let size = capacity * MemoryLayout<Value>.stride
    if size >= 2 * Int(tcpstated_large_page), let pages = unsafe tcpstated_large_pages(size) {
      return unsafe (pages.bindMemory(to: Value.self, capacity: capacity), true)
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Int(tcpstated_cache_line))
    return unsafe (memory.bindMemory(to: Value.self, capacity: capacity), false)
  }

  private static func free(_ start: UnsafeMutablePointer<Value>, _ size: Int, isLarge: Bool) {
    if isLarge { unsafe tcpstated_release(start, size) } else { unsafe start.deallocate() }
  }
}

extension Array where Element: BitwiseCopyable {
  /// Asks for the line in which an element stands, or begins; any place will do.
  @inlinable @inline(__always)
  package func prefetch(_ place: Int) {
    guard indices.contains(place) else { return }
    unsafe withUnsafeBufferPointer { elements in
      if let first = elements.baseAddress { unsafe prefetchLine(first + place) }
    }
  }

  /// Asks for the lines in which an element begins and ends; any place will do.
  @inlinable @inline(__always)
  package func prefetchWhole(_ place: Int) {
    guard indices.contains(place) else { return }
    unsafe withUnsafeBufferPointer { elements in
      guard let first = elements.baseAddress else { return }
      unsafe prefetchLine(first + place)
      unsafe prefetchLine(UnsafeRawPointer(first + place) + (MemoryLayout<Element>.size - 1))
    }
  }
}

@inlinable @inline(__always)
func prefetchLine(_ address: UnsafeRawPointer) { unsafe tcpstated_prefetch(address) }

@inlinable @inline(__always)
func prefetchLines(_ address: UnsafeRawPointer) {
  unsafe tcpstated_prefetch(address)
  unsafe tcpstated_prefetch(address + 64)
}
