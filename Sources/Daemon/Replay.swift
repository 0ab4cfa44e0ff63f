package import Alerting
internal import ConnectionTracking
package import Monitoring
package import PacketCapture
package import PacketDecoding
internal import Settings

/// The engine and its alert rules over capture files, in packet time: what the daemon would have known, and said.
package struct Replay: FrameSink, ~Copyable {
  var monitor: Monitor
  private(set) var evaluator: AlertEvaluator
  private let options: DecoderOptions
  private let deliver: (AlertEvent) -> Void
  private let remember: (Snapshot) -> Void
  /// By number of the interface.
  private var decoders: [FrameDecoder] = []
  private(set) var interfaces: [InterfaceStatus] = []
  private var nextLook: Instant?

  /// Rules look once a second, but in a gap without packets only for so many seconds: TIME_WAITs have run out then, and
  /// alerts have cleared.
  private static let busyPartOfGap = 600

  package init(
    settings: WorkerSettings,
    remember: @escaping (Snapshot) -> Void = { _ in },
    deliver: @escaping (AlertEvent) -> Void
  ) {
    var monitoring = settings.monitorSettings
    // The packets are in the file.
    monitoring.recorderSize = 0
    monitor = Monitor(monitoring)
    monitor.setLocalAddresses(settings.configuredLocal)
    monitor.count(agesOf: settings.settings.alerts)
    evaluator = AlertEvaluator(rules: settings.settings.alerts, labels: settings.settings.labels)
    options = settings.decoderOptions
    self.deliver = deliver
    self.remember = remember
  }

  package mutating func declare(_ interface: CaptureInterface) {
    decoders.append(FrameDecoder(linkType: interface.linkType, options: options))
    let name = SafeText.escape(interface.name)
    interfaces.append(
      InterfaceStatus(name: name, received: 0, dropped: 0, filter: "", tier: "full", capturing: true)
    )
  }

  package mutating func take(_ octets: RawSpan, _ frames: Span<FrameRecord>) {
    for index in frames.indices {
      let frame = frames[index]
      take(octets.extracting(frame.range), frame.info)
    }
  }

  private mutating func take(_ frame: RawSpan, _ info: FrameInfo) {
    let number = Int(info.interface)
    interfaces[number].received += 1
    look(until: Instant(nanoseconds: info.timestamp.nanoseconds))
    monitor.ingest(
      frame,
      wireLength: info.wireLength,
      captured: info.timestamp,
      interface: UInt8(clamping: number),
      decoder: decoders[number]
    )
  }

  /// Lets time go on to `now` without a packet.
  mutating func advance(to now: Instant) {
    look(until: now)
    monitor.tick(at: now)
  }

  /// Holds the rules against what the last packet left, however few seconds there were.
  package mutating func end() {
    guard let last = monitor.packetNow else { return }
    look(until: last)
    evaluate(at: last)
  }

  mutating func reload(_ settings: WorkerSettings) {
    evaluator.reload(rules: settings.settings.alerts, labels: settings.settings.labels)
    monitor.setLocalAddresses(settings.configuredLocal)
    monitor.count(agesOf: settings.settings.alerts)
  }

  /// Holds the rules against every second before `now`.
  private mutating func look(until now: Instant) {
    guard var due = nextLook else {
      nextLook = now + Seconds(1)
      return
    }
    guard now >= due else { return }
    for _ in 0..<Self.busyPartOfGap where due <= now {
      evaluate(at: due)
      due = due + Seconds(1)
    }
    if due <= now {
      evaluate(at: now)
      due = now + Seconds(1)
    }
    nextLook = due
  }

  private mutating func evaluate(at moment: Instant) {
    monitor.tick(at: moment)
    let time = Timestamp(nanoseconds: moment.nanoseconds)
    let snapshot = monitor.snapshot(at: time)
    remember(snapshot)
    let readings = snapshot.alertReadings(captured: snapshot.ingest.packets)
    let events = evaluator.evaluate(readings, at: moment, wallClock: time) { monitor.examples(of: $0, $1) }
    events.forEach(deliver)
  }
}
