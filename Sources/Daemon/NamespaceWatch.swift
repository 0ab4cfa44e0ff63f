internal import ConnectionTracking
internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketDecoding

/// One network namespace that is watched. What is asked of its kernel is asked by a thread inside.
final class NamespacePlace {
  /// Nil: the daemon's own.
  let name: String?
  let number: UInt8
  private let thread: NamespaceThread?

  /// The daemon's own.
  init() {
    name = nil
    number = 0
    thread = nil
  }

  init(_ thread: NamespaceThread, number: UInt8) {
    name = thread.name
    self.number = number
    self.thread = thread
  }

  /// Runs `body` inside and waits for its end.
  func perform(_ body: () -> Void) {
    if let thread { thread.perform(body) } else { body() }
  }

  /// An interface of it, for people.
  func shown(_ interface: String) -> String { name.map { "\(interface) of \($0)" } ?? interface }

  /// The daemon's own, and those that are wanted beside it. Call it before privileges are given up.
  static func open(_ wanted: [String]) throws(NamespaceFailure) -> [NamespacePlace] {
    var places = [NamespacePlace()]
    do {
      var seen: Set<UInt64> = wanted.isEmpty ? [] : [try NamespaceThread.currentIdentity()]
      for name in NetworkNamespaces.resolve(wanted) {
        let thread = try NamespaceThread(enteringNamespace: name)
        guard seen.insert(thread.identity).inserted else { continue }
        guard places.count <= limit else { throw NamespaceFailure.tooMany(limit) }
        places.append(NamespacePlace(thread, number: UInt8(places.count)))
      }
    } catch let error as SystemError {
      throw .system(error)
    } catch let failure as NamespaceFailure {
      throw failure
    } catch {
      throw .other("\(error)")
    }
    return places
  }

  private static let limit = 100
}

enum NamespaceFailure: Error, CustomStringConvertible {
  case system(SystemError)
  case tooMany(Int)
  case other(String)

  var description: String {
    switch self {
    case .system(let error) where error.isForbidden:
      "\(error); watching other network namespaces needs CAP_SYS_ADMIN at start, which is given up afterwards"
    case .system(let error): "\(error)"
    case .tooMany(let limit): "cannot watch more than \(limit) network namespaces: name those that matter"
    case .other(let reason): reason
    }
  }
}

/// What the worker keeps of one namespace beside its captures.
final class NamespaceWatch {
  let place: NamespacePlace
  private(set) var links: LinkEvents
  var kernel: KernelView
  /// The kernel did not say which interfaces or addresses there are: it has to be asked again.
  var isBehind = false

  init(
    _ place: NamespacePlace,
    settings: WorkerSettings,
    owners: OwnerRegistry,
    processes: ProcessWatch?,
    worker: EventFD,
    logger: Logger
  ) throws(SystemError) {
    self.place = place
    var opened: Result<LinkEvents, SystemError>?
    place.perform {
      do throws(SystemError) { opened = .success(try LinkEvents()) } catch { opened = .failure(error) }
    }
    guard let opened else { throw SystemError("listen to link events", code: 0) }
    links = try opened.get()
    kernel = KernelView(
      settings: settings,
      place: place,
      owners: owners,
      processes: processes,
      worker: worker,
      logger: logger
    )
  }

  /// Becomes readable when interfaces or addresses change.
  var linkDescriptor: Int32 { links.fileDescriptor }

  /// Whether interfaces or addresses have changed since the last call.
  func hasChanged() -> Bool { !links.read().isEmpty }

  func seed(_ monitor: inout Monitor) {
    place.perform { kernel.seed(&monitor) }
  }

  /// Until the kernel answers, what was local stays so.
  func setLocalAddresses(of monitor: inout Monitor, _ configured: [CIDR]) {
    var addresses: Set<IPAddress>?
    place.perform { addresses = try? NetworkInterfaces.localAddresses().addresses }
    guard let addresses else {
      isBehind = true
      return
    }
    let loopback = CIDR(address: IPAddress(ipv4: 0x7F00_0000), prefixLength: 8).map { [$0] } ?? []
    monitor.setLocalAddresses(
      ConnectionTracking.LocalAddresses(addresses: addresses, networks: loopback + configured),
      in: place.number
    )
  }
}
