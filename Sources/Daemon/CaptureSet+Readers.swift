internal import KernelSockets
internal import Logging
internal import Monitoring
internal import PacketCapture
internal import PacketDecoding
internal import Settings

/// Several threads take frames out of the kernel's rings. Each has a socket of its own on every interface, and of the
/// packets all those of some connections; the worker alone looks at them.
extension CaptureSet {
  /// Makes what they need; they begin when the worker does.
  func prepareReaders() throws(SystemError) {
    let count = settings.settings.capture.workers
    guard count > 1 else { return }
    for _ in 0..<count { lanes.append(try FrameLane(arrivals: arrivals)) }
    feedReaders()
  }

  func startReaders() {
    for (index, lane) in lanes.enumerated() { readers.append(CaptureReader(lane, number: index + 1)) }
  }

  func stopReaders() {
    for lane in lanes { lane.stop() }
    for reader in readers where !reader.join(seconds: 1) { logger.warning("a reader did not stop in time") }
  }

  /// What becomes readable when there are frames for the worker.
  func forEachDescriptor(_ body: (Int32) -> Void) {
    guard lanes.isEmpty else { return body(arrivals.fileDescriptor) }
    for source in sources { if let capture = source.captures.first { body(capture.fileDescriptor) } }
  }

  /// Tells each reader what to read from now on.
  func feedReaders() {
    for (index, lane) in lanes.enumerated() { lane.read(from: sources.compactMap { feed(of: $0, index) }) }
  }

  private func feed(of source: Source, _ reader: Int) -> FrameLane.Feed? {
    guard reader < source.captures.count, let decoder = source.decoder else { return nil }
    return FrameLane.Feed(
      capture: source.captures[reader],
      number: source.number,
      decoder: decoder,
      limit: settings.framesOfParcel
    )
  }

  /// Takes all that the readers have brought.
  func drainReaders(into monitor: inout Monitor, at now: Instant) {
    arrivals.drain()
    // Asked first: what comes later is not behind yet.
    let isMore = hasReady()
    var behind: Seconds? = .zero
    for lane in lanes {
      let load = lane.take()
      for parcel in load.parcels {
        let last = parcel.last
        parcel.handOver { octets, frames in
          monitor.ingest(octets, frames, interface: parcel.interface, decoder: parcel.decoder, at: now)
        }
        if isMore || !load.isAll, let last { behind = behind.map { max($0, Self.age(of: last)) } }
      }
      if isMore || !load.isAll, load.parcels.isEmpty { behind = nil }
      lane.giveBack(load.parcels)
      for (feed, error) in load.failures { close(feed, because: error) }
    }
    for source in sources { source.behind = behind }
  }

  private func close(_ feed: FrameLane.Feed, because error: CaptureError) {
    let source = sources.first { source in source.captures.contains { $0 === feed.capture } }
    // Another reader may have said so before.
    if let source { close(source, because: "\(error); capture goes on when it is back") }
  }

  private func hasReady() -> Bool {
    var poller = Poller()
    for source in sources {
      for capture in source.captures { _ = poller.add(capture.fileDescriptor) }
    }
    return poller.wait(timeout: .zero) > 0
  }
}
