internal import KernelSockets
internal import Synchronization

/// Numbers and names of those who hold sockets. The threads that ask the kernel give numbers; the worker reads names.
final class OwnerRegistry: Sendable {
  private struct State {
    var tree = CgroupTree()
    /// By cgroup: a unit may have many, and gets a new one each time it starts.
    var numbers: [UInt64: UInt16] = [:]
    var numbersByName: [String: UInt16] = [:]
    /// By number; number 0 is nobody.
    var names = [""]

    mutating func number(of name: String) -> UInt16 {
      let name = names.count < OwnerRegistry.limit - 1 || numbersByName[name] != nil ? name : OwnerRegistry.others
      if let number = numbersByName[name] { return number }
      let number = UInt16(names.count)
      names.append(name)
      numbersByName[name] = number
      return number
    }
  }

  private let state = Mutex(State())

  /// Containers come and go for months; those that come too late for a number of their own share one.
  private static let limit = 4096
  private static let others = "other"
  private static let cgroupLimit = 65_536

  /// The owner's number; 0 when the cgroup is not known, or not given.
  func number(ofCgroup id: UInt64) -> UInt16 {
    guard id != 0 else { return 0 }
    return state.withLock { state in
      if let number = state.numbers[id] { return number }
      guard let path = state.tree?.path(of: id, at: MonotonicClock.now()) else { return 0 }
      let number = state.number(of: UnitName.name(ofPath: path))
      if state.numbers.count >= Self.cgroupLimit { state.numbers = [:] }
      state.numbers[id] = number
      return number
    }
  }

  /// Where the cgroup's files are.
  func directory(ofCgroup id: UInt64) -> String? {
    guard id != 0 else { return nil }
    return state.withLock { $0.tree?.directory(of: id, at: MonotonicClock.now()) }
  }

  /// Whether this host has the cgroups that tell.
  var isUsable: Bool { state.withLock { $0.tree != nil } }
  var names: [String] { state.withLock { $0.names } }
  var count: Int { state.withLock { $0.names.count } }
}
