// swift-tools-version: 6.2
import PackageDescription

/// With TCPSTATED_ENGINE_ONLY=1 nothing that needs another Swift package is built: what sanitizers and fuzzers run on
/// builds in seconds.
let engineOnly = Context.environment["TCPSTATED_ENGINE_ONLY"] == "1"

/// With TCPSTATED_FUZZ=1 everything is built for libFuzzer, and `Fuzz/` beside it.
let fuzz = Context.environment["TCPSTATED_FUZZ"] == "1"

/// What every Swift target is held to.
let strict: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (fuzz ? [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])] : [])

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.byName(name: name), "TestNumbers"] + dependencies,
    exclude: exclude,
    swiftSettings: strict
  )
}

var targets: [Target] = [
  .target(name: "TestNumbers", path: "Tests/TestNumbers", swiftSettings: strict),
  // Pure: no I/O, no clock, no locks.
  library("PacketDecoding", ["COctets"]),
  library("ConnectionTracking", ["PacketDecoding", "CBuckets", "CPrefetch"]),
  library("StateAccounting", ["PacketDecoding", "ConnectionTracking"]),
  library("CloseDiagnosis", ["PacketDecoding", "ConnectionTracking"]),
  library("Alerting", ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis"]),
  library("FlightRecorder", ["PacketDecoding"]),
  library(
    "Monitoring",
    [
      "PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "FlightRecorder",
      "CPrefetch",
    ]
  ),
  library(
    "Reporting",
    ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring"]
  ),

  // System libraries.
  .systemLibrary(name: "CLibpcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .target(name: "CBuckets"),
  .target(name: "CLinux"),
  .target(name: "COctets"),
  .target(name: "CPrefetch"),

  // I/O.
  library("PacketCapture", ["PacketDecoding", "CLibpcap", "CLinux", "CZlib"]),
  library("KernelSockets", ["PacketDecoding", "CLinux"]),

  // Threads.
  library("ThreadNames", ["CLinux"]),
  library(
    "MonitoringCrew",
    ["PacketDecoding", "ConnectionTracking", "CloseDiagnosis", "Monitoring", "PacketCapture", "ThreadNames"]
  ),

  .executableTarget(
    name: "EngineBenchmark",
    dependencies: [
      "PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring",
      "MonitoringCrew", "PacketCapture",
    ],
    path: "Benchmarks/EngineBenchmark",
    swiftSettings: strict
  ),

  tests("PacketDecoding", []),
  tests("ConnectionTracking", ["PacketDecoding", "CPrefetch"]),
  tests("StateAccounting", ["PacketDecoding", "ConnectionTracking"]),
  tests("CloseDiagnosis", ["PacketDecoding", "ConnectionTracking"]),
  tests("Alerting", ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis"]),
  tests("FlightRecorder", ["PacketDecoding"]),
  tests("Monitoring", ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting"]),
  tests(
    "Reporting",
    ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring"],
    exclude: ["Goldens"]
  ),
  tests(
    "MonitoringCrew",
    ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Monitoring", "PacketCapture"]
  ),
  tests("PacketCapture", ["PacketDecoding"]),
  tests("KernelSockets", ["PacketDecoding"]),
]
var dependencies: [Package.Dependency] = []
var products: [Product] = []

if !engineOnly {
  dependencies += [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ]
  let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
  let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
  let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
  let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
  let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
  let nio = ["NIOCore", "NIOHTTP1", "NIOPosix"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
  let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
  let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
  let yams = Target.Dependency.product(name: "Yams", package: "Yams")
  let engine: [Target.Dependency] = [
    "PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring", "Reporting",
  ]
  targets += [
    library("HTTPPosting", ["PacketDecoding", "Monitoring", nioSSL] + nio),
    library("AlertDelivery", engine + ["CLinux", "HTTPPosting", crypto, logging]),
    library(
      "History",
      ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring"]
        + [grdb, logging]
    ),
    library(
      "FlowExport",
      ["PacketDecoding", "ConnectionTracking", "CloseDiagnosis", "Monitoring", "Reporting", logging]
    ),
    .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
    library("RemoteWrite", engine + ["CSnappy", "HTTPPosting", logging]),
    library(
      "Settings",
      ["PacketDecoding", "ConnectionTracking", "StateAccounting", "Alerting", "Monitoring", "Reporting", yams]
    ),
    .executableTarget(name: "EmbedTextTool", swiftSettings: strict),
    .plugin(name: "EmbedText", capability: .buildTool(), dependencies: ["EmbedTextTool"]),
    .target(
      name: "StatusServer",
      dependencies: engine + [hummingbird, logging, serviceLifecycle] + nio,
      swiftSettings: strict,
      plugins: ["EmbedText"]
    ),
    library(
      "Daemon",
      engine + [
        "AlertDelivery", "CLinux", "FlightRecorder", "FlowExport", "History", "HTTPPosting", "Settings",
        "KernelSockets", "PacketCapture", "RemoteWrite", "StatusServer", "ThreadNames", logging,
      ]
    ),
    .executableTarget(
      name: "tcpstated",
      dependencies: engine + [
        "CLibpcap", "CZlib", "Daemon", "History", "KernelSockets", "MonitoringCrew", "PacketCapture", "Settings",
        argumentParser, logging,
      ],
      swiftSettings: strict
    ),
    tests("HTTPPosting", []),
    tests("AlertDelivery", ["PacketDecoding", "StateAccounting", "Alerting", "HTTPPosting", "Monitoring", logging]),
    tests(
      "History",
      ["PacketDecoding", "ConnectionTracking", "StateAccounting", "CloseDiagnosis", "Alerting", "Monitoring"]
        + [grdb, logging]
    ),
    tests(
      "FlowExport",
      ["PacketDecoding", "ConnectionTracking", "CloseDiagnosis", "Monitoring", "Reporting", logging]
    ),
    tests("RemoteWrite", engine),
    tests("Settings", ["PacketDecoding", "StateAccounting", "Alerting", "Monitoring"]),
    tests("StatusServer", engine + [logging]),
    .testTarget(
      name: "CommandTests",
      dependencies: engine + [
        "tcpstated", "Daemon", "KernelSockets", "PacketCapture", "Settings", argumentParser, logging,
      ],
      swiftSettings: strict
    ),
  ]
  products.append(.executable(name: "tcpstated", targets: ["tcpstated"]))
}

if fuzz {
  func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
      name: name,
      dependencies: ["FuzzDriver"] + dependencies,
      path: "Fuzz/\(name)",
      swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
    )
  }

  targets += [
    .target(name: "FuzzDriver", path: "Fuzz/FuzzDriver", swiftSettings: strict),
    fuzzer(
      "EngineFuzzer",
      ["PacketDecoding", "ConnectionTracking", "StateAccounting", "Monitoring", "PacketCapture", "KernelSockets"]
    ),
    fuzzer(
      "ServiceFuzzer",
      [
        "PacketDecoding", "Alerting", "Monitoring", "Settings", "StatusServer",
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]
    ),
  ]
}

let package = Package(name: "tcpstated", products: products, dependencies: dependencies, targets: targets)
