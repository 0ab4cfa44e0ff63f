import CLibpcap
import Glibc
import Settings

extension HostFacts {
  /// Looks at this host.
  static func read(configuration path: String?) -> HostFacts {
    var facts = HostFacts()
    facts.configuration = readConfiguration(path)
    if case .valid(let settings, _) = facts.configuration { facts.url = url(settings) ?? .standard }
    facts.answer = ask(facts.url)
    facts.interfaces = readInterfaces()
    facts.kernel = Dictionary(uniqueKeysWithValues: kernelNames.map { ($0, reading(of: "/proc/sys/" + $0)) })
    facts.mayCapture = hasNetRaw()
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

// MARK: - /proc and the interfaces

extension HostFacts {
  private static func reading(of path: String) -> Reading {
    do throws(Descriptor.Failure) {
      return .value(try text(of: path).trimmed)
    } catch {
      // Not every kernel has every setting; without /proc there is none.
      let hasProc = unsafe access("/proc/sys/net", F_OK) == 0
      return error.code == ENOENT && hasProc ? .missing : .unreadable("\(error)")
    }
  }

  /// From the effective capabilities of this process.
  private static func hasNetRaw() -> Bool {
    let label = "CapEff:"
    guard let status = try? text(of: "/proc/self/status"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix(label) }),
      let capabilities = UInt64(String(line.dropFirst(label.count)).trimmed, radix: 16)
    else { return false }
    let netRaw: UInt64 = 1 << 13
    return capabilities & netRaw != 0
  }

  /// Files of /proc are small and come in one piece.
  private static func text(of path: String) throws(Descriptor.Failure) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Descriptor.Failure(code: errno) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw Descriptor.Failure(code: errno) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  private static func readInterfaces() -> [Interface] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var interfaces: [Interface] = []
    var next = unsafe list
    while let entry = unsafe next?.pointee {
      let name = unsafe String(cString: entry.ifa_name)
      let family = unsafe entry.ifa_addr.map { unsafe Int32($0.pointee.sa_family) }
      let hasAddress = family == AF_INET || family == AF_INET6
      if let index = interfaces.firstIndex(where: { $0.name == name }) {
        interfaces[index].hasAddress = interfaces[index].hasAddress || hasAddress
      } else {
        let flags = unsafe entry.ifa_flags
        let isUp = flags & UInt32(IFF_UP) != 0
        interfaces.append(Interface(name: name, isUp: isUp, hasAddress: hasAddress))
      }
      unsafe next = entry.ifa_next
    }
    return interfaces
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
