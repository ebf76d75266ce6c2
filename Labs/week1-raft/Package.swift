// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "week1",
  dependencies: [.package(path: "../.lab/LabKit")],
  targets: [
    // Your code. Add files as you like.
    .target(name: "Raft", dependencies: ["LabKit"]),
    // What `lab` runs. Leave it as it is.
    .executableTarget(name: "week1-node", dependencies: ["Raft", "LabKit"]),
    .testTarget(name: "RaftTests", dependencies: ["Raft", "LabKit"]),
  ],
  swiftLanguageModes: [.v6]
)
