// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "week2",
  dependencies: [.package(path: "../.lab/LabKit")],
  targets: [
    // Your code. Add files as you like.
    .target(name: "Store", dependencies: ["LabKit"]),
    // What `lab` runs. Leave it as it is.
    .executableTarget(name: "week2-node", dependencies: ["Store", "LabKit"]),
    .testTarget(name: "StoreTests", dependencies: ["Store", "LabKit"]),
  ],
  swiftLanguageModes: [.v6]
)
