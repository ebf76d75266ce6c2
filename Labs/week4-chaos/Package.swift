// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "week4",
  dependencies: [.package(path: "../.lab/LabKit")],
  targets: [
    // Your code. Add files as you like.
    .target(name: "Chaos", dependencies: ["LabKit"]),
    // What `lab` runs. Leave it as it is.
    .executableTarget(name: "week4-node", dependencies: ["Chaos", "LabKit"]),
    .testTarget(name: "ChaosTests", dependencies: ["Chaos", "LabKit"]),
  ],
  swiftLanguageModes: [.v6]
)
