import CLibpcap
import Glibc
import KernelSockets
import Settings

extension HostFacts {
  /// Looks at this host.
  static func read(configuration path: String?) -> HostFacts {
    var facts = HostFacts()
    facts.configuration = readConfiguration(path)
    if case .valid(let settings, _) = facts.configuration { facts.url = url(settings) ?? .standard }
    facts.answer = ask(facts.url)
    facts.interfaces = (try? NetworkInterfaces.list()) ?? []
    let sysctl = Sysctl()
    for name in kernelNames {
      guard let file = name.split(separator: ".").last, let numbers = sysctl.values(String(file)) else { continue }
      facts.kernel[name] = numbers.map(String.init).joined(separator: " ")
    }
    facts.mayCapture = Privileges.hasNetRaw
    facts.libpcap = unsafe String(cString: pcap_lib_version())
    return facts
  }

  /// Without a path, the standard one, which need not be there.
  private static func readConfiguration(_ path: String?) -> Configuration {
    let file = path ?? CheckConfigCommand.standardPath
    let isThere = unsafe access(file, F_OK) == 0
    if path == nil, !isThere, errno == ENOENT { return .defaults }
    do throws(SettingsErrors) {
      return .valid(try Settings.load(path: file), path: file)
    } catch {
      return .invalid(error.errors)
    }
  }

  private static func url(_ settings: Settings) -> DaemonURL? { DaemonURL("http://\(settings.http.listen)") }

  private static func ask(_ url: DaemonURL) -> Answer {
    do {
      let status = try DaemonClient(url: url).get(StatusDocument.self, from: "/api/v1/status").document
      return .daemon(version: status.live.version)
    } catch {
      // Refused: nobody listens. Everything else is somebody.
      do throws(Connection.Fault) {
        _ = try Connection.open(url.place)
        return .somethingElse("\(error)")
      } catch {
        return error.code == ECONNREFUSED ? .nobody : .somethingElse(error.message)
      }
    }
  }
}
