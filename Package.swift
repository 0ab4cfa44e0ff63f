// swift-tools-version: 6.2
import PackageDescription

/// With TCPSTATED_ENGINE_ONLY=1 nothing that needs another Swift package is built: what sanitizers and fuzzers run on
/// builds in seconds.
let engineOnly = Context.environment["TCPSTATED_ENGINE_ONLY"] == "1"

/// What every Swift target is held to.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The folders of the engine, each with tests of its own.
let engineTopics = [
  "PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring",
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.byName(name: name)] + dependencies,
    exclude: exclude,
    swiftSettings: strict
  )
}

var targets: [Target] = [
  // Pure: no I/O, no clock, no locks. One module, a folder for each topic: calls per packet across modules are not
  // inlined, and that took a third more instructions.
  library("Engine", ["CPrefetch"]),
  library("Reporting", ["Engine"]),

  // System libraries.
  .systemLibrary(name: "CLibpcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .target(name: "CLinux"),
  .target(name: "CPrefetch"),

  // I/O.
  library("PacketCapture", ["Engine", "CLibpcap", "CLinux", "CZlib"]),
  library("KernelSockets", ["Engine", "CLinux"]),

  .executableTarget(
    name: "EngineBenchmark",
    dependencies: ["Engine", "PacketCapture"],
    path: "Benchmarks/EngineBenchmark",
    swiftSettings: strict
  ),

  tests("Reporting", ["Engine"], exclude: ["Goldens"]),
  tests("PacketCapture", ["Engine"]),
  tests("KernelSockets", ["Engine"]),
]
targets += engineTopics.map { topic in
  .testTarget(name: topic + "Tests", dependencies: ["Engine"], swiftSettings: strict)
}
var dependencies: [Package.Dependency] = []
var products: [Product] = []

if !engineOnly {
  dependencies += [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ]
  let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
  let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
  let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
  let nio = ["NIOCore", "NIOHTTP1", "NIOPosix"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
  let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  let yams = Target.Dependency.product(name: "Yams", package: "Yams")
  let engine: [Target.Dependency] = ["Engine", "Reporting"]
  targets += [
    library("AlertDelivery", ["Engine", "CLinux", logging]),
    library("Settings", ["Engine", yams]),
    library("StatusServer", engine + [hummingbird, logging, serviceLifecycle] + nio),
    library(
      "Daemon",
      engine + [
        "AlertDelivery", "CLinux", "Settings", "KernelSockets", "PacketCapture", "StatusServer", logging,
      ]
    ),
    .executableTarget(
      name: "tcpstated",
      dependencies: engine + [
        "CLibpcap", "Daemon", "KernelSockets", "PacketCapture", "Settings", argumentParser, logging,
      ],
      swiftSettings: strict
    ),
    tests("AlertDelivery", ["Engine", logging]),
    tests("Settings", ["Engine"]),
    tests("StatusServer", engine + [logging]),
    .testTarget(
      name: "CommandTests",
      dependencies: engine + ["tcpstated", "Daemon", "KernelSockets", "PacketCapture", "Settings", argumentParser],
      swiftSettings: strict
    ),
  ]
  products.append(.executable(name: "tcpstated", targets: ["tcpstated"]))
}

let package = Package(name: "tcpstated", products: products, dependencies: dependencies, targets: targets)
