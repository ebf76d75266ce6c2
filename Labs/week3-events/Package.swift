// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "week3",
  dependencies: [.package(path: "../.lab/LabKit")],
  targets: [
    // Your code. Add files as you like.
    .target(name: "Events", dependencies: ["LabKit"]),
    // What `lab` runs. Leave it as it is.
    .executableTarget(name: "week3-node", dependencies: ["Events", "LabKit"]),
    .testTarget(name: "EventsTests", dependencies: ["Events", "LabKit"]),
  ],
  swiftLanguageModes: [.v6]
)
