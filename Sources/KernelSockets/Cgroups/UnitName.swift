/// What operators call the owner of a cgroup: the systemd unit or the container that its path names.
package enum UnitName {
  /// - Parameter path: of the cgroup below its mount, as `/system.slice/nginx.service`.
  /// - Returns: a container in short (`docker-0123456789ab`), whatever runs in it; else the innermost unit that is no
  ///   slice; else the innermost slice; else the path, as for cgroups that no systemd made.
  package static func name(ofPath path: String) -> String {
    var unit: Substring?
    var slice: Substring?
    for component in path.split(separator: "/") {
      let name = unescaped(component)
      if let container = container(name) { return container }
      if name.hasSuffix(".slice") {
        slice = name
      } else if isUnit(name), !(name == "init.scope" && unit != nil) {
        // The scope of a user's own service manager is that manager's affair.
        unit = name
      }
    }
    return limited((unit ?? slice).map(String.init) ?? (path.isEmpty ? "/" : path))
  }

  /// systemd puts a `_` before names that a controller's file might have (cg_escape).
  private static func unescaped(_ component: Substring) -> Substring {
    component.first == "_" ? component.dropFirst() : component
  }

  private static func isUnit(_ name: Substring) -> Bool {
    [".service", ".scope", ".socket", ".mount", ".swap"].contains { name.hasSuffix($0) && name.count > $0.count }
  }

  // MARK: Containers

  /// What makes containers, and how it begins their names; with and without systemd as the driver.
  private static let runtimes = [
    "docker": "docker", "cri-containerd": "containerd", "containerd": "containerd", "nerdctl": "containerd",
    "crio": "crio", "libpod": "podman", "podman": "podman", "lxc.payload": "lxc", "lxc": "lxc",
  ]

  /// `docker-<64 digits>.scope`, `cri-containerd-<64 digits>.scope`, `libpod-<64 digits>`, a bare `<64 digits>`, `lxc.payload.web`.
  private static func container(_ name: Substring) -> String? {
    if let payload = name.suffix(after: "lxc.payload."), !payload.isEmpty { return limited("lxc-\(payload)") }
    if name.suffix(after: "systemd-nspawn@") != nil, name.hasSuffix(".service") { return limited(String(name)) }
    if name.suffix(after: "machine-") != nil, name.hasSuffix(".scope") { return limited(String(name)) }
    let bare = name.hasSuffix(".scope") ? name.dropLast(".scope".count) : name
    guard bare.count >= idLength else { return nil }
    let id = bare.suffix(idLength)
    guard id.utf8.allSatisfy(isHexadecimal) else { return nil }
    let rest = bare.dropLast(idLength)
    if rest.isEmpty { return "container-\(id.prefix(shownDigits))" }
    guard let separator = rest.last, "-:".contains(separator) else { return nil }
    // `kubepods-burstable-pod….slice:cri-containerd:<id>`, and monitors such as `libpod-conmon`, which talk to nobody.
    let prefix = rest.dropLast().split(separator: ":").last.map(String.init) ?? ""
    return "\(runtimes[prefix] ?? prefix)-\(id.prefix(shownDigits))"
  }

  private static let idLength = 64
  /// As docker and crictl list them.
  private static let shownDigits = 12

  private static func isHexadecimal(_ octet: UInt8) -> Bool {
    (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet)
  }

  private static let limit = 200

  /// The end of a long one tells more.
  private static func limited(_ name: String) -> String {
    name.count <= limit ? name : "…\(name.suffix(limit - 1))"
  }
}

extension Substring {
  fileprivate func suffix(after prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
