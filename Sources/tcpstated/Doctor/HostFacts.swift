import KernelSockets
import Settings

/// What `doctor` looks at. A value, so that what it says of a host can be tested without that host.
struct HostFacts {
  /// The capability CAP_NET_RAW, of this process.
  var mayCapture = false
  var interfaces: [NetworkInterface] = []
  /// Settings of the kernel by name, as far as they can be read.
  var kernel: [String: String] = [:]
  var libpcap = ""
  var configuration = Configuration.defaults
  /// Where the configuration says that the daemon answers, and who does.
  var url = DaemonURL.standard
  var answer = Answer.nobody

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
