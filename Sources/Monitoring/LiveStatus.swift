package import Alerting
package import PacketDecoding

/// What the daemon knows of itself and its host, beside what the engine counts.
package struct LiveStatus: Sendable {
  package var version: String
  package var host: String
  package var uptime: Seconds
  package var workers = 1
  /// Capture is open and the first look at the host is done.
  package var ready = false
  package var interfaces: [InterfaceStatus] = []
  /// Nil for a file.
  package var capture: CaptureStatus?
  /// Of the daemon's own namespace.
  package var kernel: KernelStatus?
  /// The other network namespaces that are watched.
  package var namespaces: [NamespaceStatus] = []
  /// What is kept of the past.
  package var history = HistoryStatus()
  /// What leaves the host on its own.
  package var exports: [ExportStatus] = []
  /// Those in force.
  package var alertRules: [AlertRule] = []
  package var silences: [Silence] = []
  /// How sending alerts to servers goes.
  package var deliveries: [DeliveryStatus] = []

  package init(version: String, host: String, uptime: Seconds) {
    self.version = version
    self.host = host
    self.uptime = uptime
  }
}

extension Snapshot {
  /// Takes what findings need to know of the host.
  package mutating func note(_ live: LiveStatus) {
    settings = live.kernel?.settings
    increases = live.kernel?.increases ?? [:]
    captured = live.interfaces.reduce(0) { $0 + $1.received }
    dropped = live.interfaces.reduce(0) { $0 + $1.dropped }
  }
}

/// One network namespace beside the daemon's own.
package struct NamespaceStatus: Sendable {
  package var name: String
  /// As connections are counted by (`Accounts.localByNamespace`).
  package var number: UInt8
  package var kernel: KernelStatus?

  package init(name: String, number: UInt8, kernel: KernelStatus?) {
    self.name = name
    self.number = number
    self.kernel = kernel
  }
}

/// How much of the traffic is looked at.
package struct CaptureStatus: Sendable {
  package var tier: CaptureTier
  /// What is wanted when nothing is dropped.
  package var configured: CaptureTier
  package var since: Timestamp
  /// How often capture went to a poorer tier since start.
  package var fallBacks: Int
  /// Figures may be less than the truth.
  package var isLowerBound: Bool

  package init(tier: CaptureTier, configured: CaptureTier, since: Timestamp, fallBacks: Int, isLowerBound: Bool) {
    self.tier = tier
    self.configured = configured
    self.since = since
    self.fallBacks = fallBacks
    self.isLowerBound = isLowerBound
  }
}

/// One capture interface.
package struct InterfaceStatus: Sendable {
  package var name: String
  /// Frames that passed the filter, and those the kernel dropped for want of buffer, since start.
  package var received: Int
  package var dropped: Int
  /// What the kernel's filter lets through, in words.
  package var filter: String
  /// `full`, `headers` or `control`.
  package var tier: String
  /// False while the interface is gone or down.
  package var capturing: Bool
  /// Name of the network namespace it is in; nil for the daemon's own.
  package var namespace: String?
  /// As duplicates are counted by.
  package var number: UInt8?

  package init(name: String, received: Int, dropped: Int, filter: String, tier: String, capturing: Bool) {
    self.name = name
    self.received = received
    self.dropped = dropped
    self.filter = filter
    self.tier = tier
    self.capturing = capturing
  }
}

/// What the kernel said at the last look.
package struct KernelStatus: Sendable {
  /// TIME_WAIT entries in the kernel's table of this namespace.
  package var timeWait: Int
  /// How far the model was off, entry by entry: local TIME_WAITs that it alone had, less those the kernel alone had.
  package var drift: Int
  package var age: Seconds
  package var settings = KernelSettings()
  /// What the kernel counts, by its own names, in a steady order.
  package var counters: [KernelCounter] = []
  /// By how much they have grown since the daemon started.
  package var increases: [String: Int] = [:]
  /// Connections taken over from the kernel's table, put right by it, and ended because it has them no longer; the first
  /// reading apart.
  package var adopted = 0
  package var corrected = 0
  package var closed = 0

  package init(timeWait: Int, drift: Int, age: Seconds) {
    self.timeWait = timeWait
    self.drift = drift
    self.age = age
  }
}

package struct KernelCounter: Sendable, Equatable {
  package var name: String
  package var value: Int

  package init(name: String, value: Int) {
    self.name = name
    self.value = value
  }
}

/// The sysctls that decide how connections end; nil where the kernel does not tell.
package struct KernelSettings: Sendable, Equatable {
  package var finTimeout: Seconds?
  package var maximumTimeWaitBuckets: Int?
  package var timeWaitReuse: Int?
  package var rfc1337: Bool?
  package var ephemeralPorts: ClosedRange<UInt16>?
  /// Of those, such as connect(2) leaves alone.
  package var reservedPorts = 0
  package var keepAliveTime: Seconds?
  package var keepAliveInterval: Seconds?
  package var keepAliveProbes: Int?

  package init() {}
}
