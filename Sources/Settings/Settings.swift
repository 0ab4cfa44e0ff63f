package import Alerting
package import PacketDecoding

/// What the configuration file can set, with the values that hold when it does not.
package struct Settings: Sendable, Equatable {
  /// Capture on these; empty: on those that have an address of this namespace, and lo.
  package var interfaces: [String] = []
  /// Network namespaces to watch beside the daemon's own, by name; "all" is each that has one.
  package var netns: [String] = []
  package var capture = Capture()
  /// Networks that count as local beside the addresses of this host.
  package var local: [Network] = []
  package var http = HTTP()
  /// The one knob that sizes memory, in bytes.
  package var memoryLimit = 256 << 20
  package var closedRetention = ClosedRetention()
  /// Where alerts are kept across restarts; nil: where systemd says (StateDirectory=), or nowhere.
  package var stateDirectory: String?
  package var kernel = Kernel()
  package var recorder = Recorder()
  package var history = History()
  package var delivery = Delivery()
  package var export = Export()
  package var log = Log()
  /// Of the host: they go into alerts and JSON, in this order.
  package var labels: [Label] = []
  /// Files or patterns as they were written; what is in them has been read already.
  package var include: [String] = []
  package var alerts: [AlertRule] = [.timeWait]

  package init() {}

  /// The name of a file in a directory of them.
  package static func isNamespaceName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count < 256 && !name.hasPrefix(".") && !name.utf8.contains { $0 == 0x2F || $0 < 0x21 }
  }
}

extension Settings {
  package struct Capture: Sendable, Equatable {
    /// How much of the traffic is looked at.
    package var tier = CaptureTier.full
    /// Less of it while the kernel drops packets.
    package var fallBack = true
    /// What the kernel may hold per interface, in bytes.
    package var buffer = 16 << 20
    /// Octets of each frame that are looked at beyond the TCP header: the head of an HTTP message.
    package var snapLength = 256
    package var promiscuous = false
    /// Threads that read packets from the kernel, each a share of every interface's. One: no thread beside the engine's.
    package var workers = 1
    /// Look into tunnels.
    package var decapsulate = true

    package init() {}
  }

  package struct HTTP: Sendable, Equatable {
    /// The whole API; on loopback only.
    package var listen = Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 11060)
    /// Host names that requests may carry, beside IP literals and `localhost`.
    package var allowedHosts: [String] = []
    /// Path of a Unix socket that serves the same.
    package var socket: String?
    /// `/metrics` and `/healthz` alone, which may face the network.
    package var metricsListen: Endpoint?

    package init() {}
  }

  /// How long closed connections can be listed: until the first of both is reached.
  package struct ClosedRetention: Sendable, Equatable {
    /// `for` in the file.
    package var duration = Seconds(300)
    package var count = 50_000

    package init() {}
  }

  /// The kernel's socket table beside the packets.
  package struct Kernel: Sendable, Equatable {
    /// Between two readings: `interval` in the file.
    package var interval = Seconds(10)
    /// Find out which processes have sockets open.
    package var processes = false

    package init() {}
  }

  /// The headers of the last packets, and the files that are written of them when an alert fires.
  package struct Recorder: Sendable, Equatable {
    /// Of the memory for them, in octets; 0 for none.
    package var size = 16 << 20
    /// How far back they are of interest: `for` in the file.
    package var duration = Seconds(120)
    /// Octets of payload that are kept with the headers.
    package var payload = 0
    /// What a file holds around the firing.
    package var before = Seconds(30)
    package var after = Seconds(5)
    /// Of one file, in octets; how many are kept, and their octets together.
    package var fileSize = 16 << 20
    package var files = 20
    package var filesSize = 128 << 20

    package init() {}
  }

  /// Figures of each minute, alerts and findings, in a file in the state directory.
  package struct History: Sendable, Equatable {
    /// How far back: `for` in the file.
    package var duration = Seconds(30 * 86_400)
    /// Of the file, in octets; 0 for none.
    package var size = 256 << 20

    package init() {}
  }

  package struct Log: Sendable, Equatable {
    package var level = Level.info
    package var format = Format.text

    package init() {}

    /// The levels of swift-log.
    package enum Level: String, CaseIterable, Sendable {
      case trace, debug, info, notice, warning, error, critical
    }

    package enum Format: String, CaseIterable, Sendable {
      case text, json
    }
  }
}
