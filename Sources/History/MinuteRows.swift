internal import Alerting
internal import CloseDiagnosis
internal import Monitoring
internal import PacketDecoding
internal import StateAccounting

/// What one minute comes to in the file.
struct MinuteRows: Sendable {
  var minute: Int64
  var seconds: Int
  var host: FigureSample
  var services: [ServicePast] = []
  /// By service; those of the host as a whole have none.
  var causes: [(service: String, CauseCount)] = []
  var destinations: [PortPast] = []
  var findings: [Finding] = []

  var count: Int { 1 + services.count + causes.count + destinations.count + findings.count }
}

/// Makes rows of minutes: it knows how far each count had come.
struct MinuteBooks: Sendable {
  /// By number of the account, with the service it was of.
  private var flows: [(service: Endpoint, flow: FigureFlow)] = []
  private var causes: [String: [String: Int]] = [:]
  private var refusals: [String: (refused: Int, unanswered: Int)] = [:]

  /// Of one minute: what is beyond is added up under one name.
  private static let servicesListed = 200
  private static let refusalsKept = 16_384
  static let other = "other"

  /// Takes note of what was there before the first minute.
  mutating func begin(_ snapshot: Snapshot) {
    let time = Timestamp(nanoseconds: 0)
    let before = WatchedMinute(
      minute: 0,
      seconds: 0,
      host: FigureSample(time: time),
      services: [],
      destinations: snapshot.accounts.portUses,
      snapshot: snapshot
    )
    _ = rows(of: before)
  }

  mutating func rows(of watched: WatchedMinute) -> MinuteRows {
    var rows = MinuteRows(minute: watched.minute, seconds: watched.seconds, host: watched.host)
    rows.services = services(of: watched)
    rows.causes = causes(of: watched.snapshot)
    if refusals.count > Self.refusalsKept {
      let present = Set(watched.destinations.map(Self.name))
      refusals = refusals.filter { present.contains($0.key) }
    }
    rows.destinations = watched.destinations.map { destination($0, at: watched.host.time) }
    rows.findings = watched.snapshot.findings
    return rows
  }

  private mutating func services(of watched: WatchedMinute) -> [ServicePast] {
    var found: [ServicePast] = []
    for account in watched.snapshot.accounts.services {
      let number = account.number
      while flows.count <= number { flows.append((account.service, FigureFlow())) }
      if flows[number].service != account.service { flows[number] = (account.service, FigureFlow()) }
      var figures = FigureSample(time: watched.host.time)
      if number < watched.services.count { figures.raise(to: watched.services[number]) }
      let flow = FigureFlow(account)
      figures.flow = flow.since(flows[number].flow)
      flows[number].flow = flow
      if !figures.isQuiet { found.append(ServicePast(service: Self.name(account), figures: figures)) }
    }
    return Self.merged(found, at: watched.host.time)
  }

  private static func name(_ account: ServiceAccount) -> String {
    account.number == 0 ? other : account.service.description
  }

  private static func name(_ use: PortUse) -> String { "\(use.address) \(use.destination)" }

  /// The busiest, and the rest as one.
  private static func merged(_ found: [ServicePast], at time: Timestamp) -> [ServicePast] {
    guard found.count > servicesListed else { return found }
    let sorted = found.sorted { $0.figures.weight > $1.figures.weight }
    var kept = sorted.prefix(servicesListed).filter { $0.service != other }
    var rest = FigureSample(time: time)
    for service in sorted where service.service == other || !kept.contains(where: { $0.service == service.service }) {
      rest.add(service.figures)
    }
    kept.append(ServicePast(service: other, figures: rest))
    return Array(kept)
  }

  private mutating func causes(of snapshot: Snapshot) -> [(service: String, CauseCount)] {
    var rows: [(service: String, CauseCount)] = []
    let zero = "[::]:0"
    var named: Set = [""]
    for (service, counts) in snapshot.causes.byService {
      let name = service.description == zero ? Self.other : service.description
      named.insert(name)
      add(counts.counts, of: name, to: &rows)
    }
    add(snapshot.causes.whole, of: "", to: &rows)
    // Of services that are no longer told apart nothing is kept.
    if causes.count > 2 * named.count + 2 { causes = causes.filter { named.contains($0.key) } }
    return rows
  }

  private mutating func add(_ counts: CauseCounts, of service: String, to rows: inout [(service: String, CauseCount)]) {
    for cause in CloseCause.allCases where counts[cause] > 0 {
      let known = causes[service]?[cause.name] ?? 0
      causes[service, default: [:]][cause.name] = counts[cause]
      // A count that fell has begun anew.
      let before = counts[cause] < known ? 0 : known
      if counts[cause] > before { rows.append((service, CauseCount(cause: cause.name, count: counts[cause] - before))) }
    }
  }

  private mutating func destination(_ use: PortUse, at time: Timestamp) -> PortPast {
    var past = PortPast(time: time, address: use.address.description, destination: use.destination.description)
    (past.held, past.timeWait, past.used) = (use.held, use.timeWait, use.used)
    let key = Self.name(use)
    let before = refusals[key] ?? (0, 0)
    refusals[key] = (use.refused, use.unanswered)
    past.refused = max(use.refused - before.refused, 0)
    past.unanswered = max(use.unanswered - before.unanswered, 0)
    return past
  }
}

extension FigureSample {
  fileprivate var weight: Int { max(client + server, open, flow.opened) }

  /// Of another service at the same time.
  fileprivate mutating func add(_ other: FigureSample) {
    local += other.local
    remote += other.remote
    transit += other.transit
    client += other.client
    server += other.server
    open += other.open
    flow.add(other.flow)
  }
}
