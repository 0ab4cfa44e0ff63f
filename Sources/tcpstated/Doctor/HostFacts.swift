import Settings

/// What `doctor` looks at. A value, so that what it says of a host can be tested without that host.
struct HostFacts {
  /// The capability CAP_NET_RAW, of this process.
  var mayCapture = false
  var interfaces: [Interface] = []
  /// Settings of the kernel by their name under /proc/sys.
  var kernel: [String: Reading] = [:]
  var libpcap = ""
  var configuration = Configuration.defaults
  /// Where the configuration says that the daemon answers, and who does.
  var url = DaemonURL.standard
  var answer = Answer.nobody

  struct Interface: Equatable {
    var name: String
    var isUp: Bool
    var hasAddress: Bool
  }

  enum Reading: Equatable {
    case value(String)
    /// This kernel does not have it.
    case missing
    case unreadable(String)
  }

  enum Configuration {
    /// There is no file, and the defaults hold.
    case defaults
    case valid(Settings, path: String)
    case invalid([SettingsError])
  }

  enum Answer: Equatable {
    case nobody
    case daemon(version: String?)
    case somethingElse(String)
  }

  /// The interfaces that the configuration asks for by name.
  var wantedInterfaces: [String] {
    guard case .valid(let settings, _) = configuration else { return [] }
    return settings.interfaces
  }
}
