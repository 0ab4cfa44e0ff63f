internal import Alerting
package import ConnectionTracking
internal import StateAccounting

/// Who holds the sockets of this host. The names come from outside: the monitor knows numbers.
extension Monitor {
  /// From now on owners are found out.
  package mutating func askForOwners(andProcesses: Bool = false) {
    tracker.settings.asksForOwners = true
    tracker.settings.asksForProcesses = andProcesses
  }

  /// Local ends of a network namespace that got a socket since the last call, oldest first.
  package mutating func takeUnowned(in namespace: UInt8) -> [UnownedEnd] { tracker.takeUnowned(in: namespace) }

  /// See `Tracker.noteOwner`.
  package mutating func noteOwner(_ ownership: Ownership, of end: UnownedEnd) {
    tracker.noteOwner(ownership, of: end, observer: &books)
  }

  /// A process was found that has, or had, an end's socket open. It is forgotten with the connection.
  package mutating func noteProcess(pid: Int32, command: String, of end: UnownedEnd) {
    guard tracker.isCurrent(end) else { return }
    books.processes[end.serial, default: SocketProcesses()][end.role] =
      SocketProcess(pid: pid, command: SafeText.escape(command))
  }

  /// - Parameter names: by number; only added to, with number 0 for nobody.
  package mutating func setOwnerNames(_ names: [String]) {
    ownerNames += names.dropFirst(ownerNames.count).map { SafeText.escape($0) }
  }

  func ownerName(_ number: UInt16) -> String? {
    number > 0 && Int(number) < ownerNames.count ? ownerNames[Int(number)] : nil
  }

  func name(_ accounts: inout Accounts) {
    guard tracker.settings.asksForOwners else {
      accounts.owners = []
      return
    }
    for index in accounts.owners.indices { accounts.owners[index].unit = ownerName(accounts.owners[index].number) }
    for index in accounts.lingering.indices {
      accounts.lingering[index].owner = ownerName(accounts.lingering[index].ownerNumber)
    }
    if var aged = accounts.aged {
      for index in aged.ends.indices { aged.ends[index].owner = ownerName(aged.ends[index].ownerNumber) }
      accounts.aged = aged
    }
    for index in accounts.services.indices {
      accounts.services[index].owner = ownerName(accounts.services[index].ownerNumber)
    }
  }

  /// Of the local ends; none where nobody finds out.
  func owners(of connection: ConnectionView) -> (owner: OwnerRecord?, client: OwnerRecord?) {
    guard tracker.settings.asksForOwners else { return (nil, nil) }
    func record(_ role: Role) -> OwnerRecord {
      let ownership = connection.detail.account[role]
      var record = OwnerRecord(unit: ownerName(ownership.owner), attribution: ownership.attribution)
      record.process = books.processes[connection.detail.serial]?[role]
      return record
    }
    return switch connection.flow.localSide {
    case .server: (record(.server), nil)
    case .client: (record(.client), nil)
    case .both: (record(.server), record(.client))
    case .unknown, .transit: (nil, nil)
    }
  }
}
