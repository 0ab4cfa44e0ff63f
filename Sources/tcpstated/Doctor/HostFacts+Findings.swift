import KernelSockets
import Settings

extension HostFacts {
  /// Everything in the order in which one would mend it.
  var findings: [Finding] {
    [capability, libraryFinding] + interfaceFindings + [configurationFinding, addressFinding] + kernelFindings
  }

  private var capability: Finding {
    if mayCapture { return .ok("may capture packets (CAP_NET_RAW)") }
    if case .daemon = answer { return .ok("the daemon captures packets; this user may not, and need not") }
    return .fail(
      "may not capture packets: CAP_NET_RAW is lacking",
      "run with sudo, or start the systemd unit, which grants it: systemctl start tcpstated"
    )
  }

  private var libraryFinding: Finding { .ok(libpcap) }

  private var interfaceFindings: [Finding] {
    if !wantedInterfaces.isEmpty { return wantedInterfaces.map(finding(wanted:)) }
    // As the daemon chooses them.
    let names = interfaces.filter { $0.isUp && ($0.isLoopback || !$0.addresses.isEmpty) }.map(\.name)
    guard !names.isEmpty else {
      return [.fail("no interface is up and has an address", "bring one up: ip link set NAME up")]
    }
    return [.ok("interfaces to watch: \(names.joined(separator: ", "))")]
  }

  private func finding(wanted name: String) -> Finding {
    guard let interface = interfaces.first(where: { $0.name == name }) else {
      let others = interfaces.map(\.name).joined(separator: ", ")
      return .fail("there is no interface \(name)", "name another under interfaces in the configuration: \(others)")
    }
    guard interface.isUp else { return .warn("interface \(name) is down", "bring it up: ip link set \(name) up") }
    return .ok("interface \(name) is up")
  }

  private var configurationFinding: Finding {
    switch configuration {
    case .defaults: return .ok("no configuration at \(CheckConfigCommand.standardPath): the defaults hold")
    case .valid(_, let path): return .ok("configuration \(path) is valid")
    case .invalid(let errors):
      let remedy =
        switch errors.first {
        case _ where errors.count > 1: "tcpstated check-config shows all \(errors.count) errors"
        case let error? where error.line > 0: "mend this line"
        default: "name a file that can be read"
        }
      return .fail(errors.first?.description ?? "the configuration is invalid", remedy)
    }
  }

  private var addressFinding: Finding {
    switch answer {
    case .daemon(let version): .ok("a daemon answers at \(url)" + (version.map { ", version \($0)" } ?? ""))
    case .nobody: .ok("\(url.host) is free; no daemon is running")
    case .somethingElse(let what):
      .fail(
        "\(url.host) is taken, and not by a daemon: \(what)",
        "stop that program, or set http.listen to another port"
      )
    }
  }
}
