// swift-tools-version: 6.2
import PackageDescription

// The arrows of ARCHITECTURE.md; Tests/ProjectTests holds the sources to them.
let package = Package(
  name: "netscript",
  products: [
    .executable(name: "netsh", targets: ["netsh"]),
    .library(name: "NetScript", targets: ["NetScript"]),
    .library(name: "NetSim", targets: ["NetSim", "NetStack", "Wire"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    .target(name: "Wire"),
    // One instruction, inlined; a header and nothing to link.
    .systemLibrary(name: "CPrefetch"),
    .target(name: "NetStack", dependencies: ["CPrefetch", "Wire"]),
    .target(name: "NetSim", dependencies: ["CPrefetch", "NetStack", "Wire"]),
    // Rounding of Reals; without Foundation nobody else brings it.
    .target(name: "NetScript", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(
      name: "NetLab", dependencies: ["NetScript", "NetSim", "NetStack", "Wire"],
      resources: [.embedInCode("Std")]),
    // GNU readline. No pkgConfig: its flags are not allowed here, and none are needed.
    .systemLibrary(name: "CReadline"),
    .executableTarget(
      name: "netsh",
      dependencies: [
        "CReadline", "NetLab", "NetScript", "NetSim", "NetStack", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      exclude: ["Library"],
      resources: [.embedInCode("Explain"), .embedInCode("Tutor")],
      plugins: ["EmbedLibrary"]),
    // Brings the scripts of examples/ into netsh.
    .plugin(name: "EmbedLibrary", capability: .buildTool()),
    .executableTarget(
      name: "thermostat", dependencies: ["NetScript"], path: "examples/embedding/thermostat"),
    .executableTarget(
      name: "echo", dependencies: ["NetSim", "NetStack"], path: "examples/embedding/echo"),
    .testTarget(name: "WireTests", dependencies: ["Wire"]),
    .testTarget(name: "NetStackTests", dependencies: ["NetStack", "Wire"]),
    .testTarget(name: "NetSimTests", dependencies: ["NetSim", "NetStack", "Wire"]),
    .testTarget(
      name: "NetScriptTests", dependencies: ["Fuzzing", "NetScript"], exclude: ["Golden"]),
    .testTarget(
      name: "NetLabTests", dependencies: ["Fuzzing", "NetLab", "NetScript", "NetSim", "NetStack"],
      exclude: ["Golden"]),
    .target(
      name: "Fuzzing", dependencies: ["NetScript", "NetStack", "Wire"], path: "Tests/Fuzzing"),
    .testTarget(
      name: "ProjectTests", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
      exclude: ["Golden"]),
  ],
  swiftLanguageModes: [.v6]
)

// In CI a warning is an error; at a desk it stays a warning, so that an experiment compiles.
if Context.environment["CI"] != nil {
  for target in package.targets where ![.system, .plugin].contains(target.type) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
  }
}
