import Foundation
import PacketDecoding
import Testing

@testable import KernelSockets

private let id = String(repeating: "0123456789abcdef", count: 4)

@Suite struct UnitNameTests {
  @Test(
    "The path of a cgroup names a unit or a container",
    arguments: [
      ("/system.slice/nginx.service", "nginx.service"),
      ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
      ("/init.scope", "init.scope"),
      ("/system.slice/postgres.service/worker/7", "postgres.service"),
      ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
      ("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", "web.service"),
      ("/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service"),
      ("/system.slice/_cpu.service", "cpu.service"),
      ("/system.slice/sshd.socket", "sshd.socket"),
      // Containers in short, whatever runs in them.
      ("/system.slice/docker-\(id).scope", "docker-0123456789ab"),
      ("/system.slice/docker-\(id).scope/system.slice/nginx.service", "docker-0123456789ab"),
      ("/docker/\(id)", "container-0123456789ab"),
      ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope", "containerd-0123456789ab"),
      ("/kubepods/burstable/pod-1/\(id)", "container-0123456789ab"),
      ("/system.slice/kubepods-pod1.slice:cri-containerd:\(id)", "containerd-0123456789ab"),
      ("/machine.slice/libpod-\(id).scope/container", "podman-0123456789ab"),
      ("/kubepods.slice/crio-\(id).scope", "crio-0123456789ab"),
      ("/lxc.payload.web/system.slice/nginx.service", "lxc-web"),
      ("/machine.slice/systemd-nspawn@db.service/payload/system.slice/pg.service", "systemd-nspawn@db.service"),
      ("/machine.slice/machine-db.scope/payload", "machine-db.scope"),
      // Neither.
      ("/user.slice", "user.slice"),
      ("/", "/"),
      ("", "/"),
      ("/batch/job7", "/batch/job7"),
      ("/.service", "/.service"),
      ("/docker-\(id.dropLast())g.scope", "docker-\(id.dropLast())g.scope"),
      ("/" + String(repeating: "a", count: 300), "…" + String(repeating: "a", count: 199)),
    ]
  )
  func name(path: String, name: String) {
    #expect(UnitName.name(ofPath: path) == name)
  }
}

@Suite struct CgroupTreeTests {
  private static let now = Instant(nanoseconds: 0)

  @Test("Directories are found by their inode numbers, and new ones by walking again")
  func walk() throws {
    let root = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func make(_ path: String) throws -> UInt64 {
      try FileManager.default.createDirectory(atPath: root + path, withIntermediateDirectories: true)
      return try inode(root + path)
    }
    let service = try make("/system.slice/nginx.service")
    try "1".write(toFile: root + "/system.slice/cgroup.procs", atomically: false, encoding: .utf8)
    var tree = CgroupTree(root: root)
    #expect(tree.path(of: service, at: Self.now) == "/system.slice/nginx.service")
    #expect(tree.path(of: try inode(root), at: Self.now) == "/")
    #expect(tree.path(of: try inode(root + "/system.slice/cgroup.procs"), at: Self.now + Seconds(10)) == nil)
    let later = try make("/system.slice/redis.service/inner")
    #expect(tree.path(of: later, at: Self.now + Seconds(20)) == "/system.slice/redis.service/inner")
  }

  @Test("After a walk, the next one waits")
  func pace() throws {
    let root = NSTemporaryDirectory() + "tcpstated-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    var tree = CgroupTree(root: root)
    #expect(tree.path(of: 1, at: Self.now) == nil)
    try FileManager.default.createDirectory(atPath: root + "/a.service", withIntermediateDirectories: true)
    let id = try inode(root + "/a.service")
    #expect(tree.path(of: id, at: Self.now) == nil)
    #expect(tree.path(of: id, at: Self.now + Seconds(60)) == "/a.service")
  }

  private func inode(_ path: String) throws -> UInt64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require((attributes[.systemFileNumber] as? NSNumber)?.uint64Value)
  }
}
