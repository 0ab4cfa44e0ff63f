/// What the daemon knows of itself and its host, beside what the engine counts.
package struct LiveStatus: Sendable {
  package var version: String
  package var host: String
  package var uptime: Seconds
  package var workers = 1
  /// Capture is open and the first look at the host is done.
  package var ready = false
  package var interfaces: [InterfaceStatus] = []
  package var kernel: KernelStatus?
  /// Names of the alert rules in force.
  package var alertRules: [String] = []

  package init(version: String, host: String, uptime: Seconds) {
    self.version = version
    self.host = host
    self.uptime = uptime
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
  /// TIME_WAIT entries in the kernel's table of this namespace, and ours of local ends at that moment.
  package var timeWait: Int
  package var modelTimeWait: Int
  package var age: Seconds
  package var maximumTimeWaitBuckets: Int?
  package var ephemeralPorts: ClosedRange<UInt16>?

  /// How far the model is off: model minus kernel.
  package var drift: Int { modelTimeWait - timeWait }

  package init(timeWait: Int, modelTimeWait: Int, age: Seconds) {
    self.timeWait = timeWait
    self.modelTimeWait = modelTimeWait
    self.age = age
  }
}
