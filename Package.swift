// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "distributed-lab",
  products: [.executable(name: "lab", targets: ["lab"])],
  dependencies: [
    .package(path: "Labs/LabKit"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
  ],
  targets: [
    .executableTarget(
      name: "lab",
      dependencies: [
        "Suites", "Runner", "Records", "Reports", "LinuxCalls", "Checkers", "Histories",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(
      name: "Suites",
      dependencies: ["Checkers", "Runner", .product(name: "LabKit", package: "LabKit")]),
    .target(name: "Checkers"),
    .target(name: "Histories", dependencies: ["Checkers"], exclude: ["HISTORY.md"]),
    .target(
      name: "Runner",
      dependencies: [
        "CourseFiles", "Checkers", "LinuxCalls", .product(name: "LabKit", package: "LabKit"),
      ],
      sources: ["Builds", "Charts", "Courses", "Determinism", "Scenarios", "Shrinking", "Worlds"]),
    .executableTarget(name: "checkers-benchmark", dependencies: ["Checkers", "Histories"]),
    .target(name: "LinuxCalls"),
    .target(
      name: "Reports",
      dependencies: [
        "Checkers", "CourseFiles", "Runner", "Records", .product(name: "LabKit", package: "LabKit"),
      ],
      exclude: ["SCHEMA.md", "Pictures/SCHEMA.md"]),
    .target(name: "Records", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),
    // What students receive travels as a resource beside the executable.
    .target(
      name: "CourseFiles",
      path: "Labs",
      sources: ["CourseFiles.swift"],
      resources: [
        .copy("LabKit"), .copy("week1-raft"), .copy("week2-store"), .copy("week3-events"),
        .copy("week4-chaos"),
      ]),
    .testTarget(name: "CheckersTests", dependencies: ["Checkers"]),
    .testTarget(name: "HistoriesTests", dependencies: ["Checkers", "Histories"]),
    .testTarget(
      name: "RecordsTests", dependencies: ["Records", .product(name: "GRDB", package: "GRDB.swift")]),
    // The executable itself, from the outside.
    .testTarget(
      name: "LabTests",
      dependencies: ["lab", "Records", "Runner", "Suites", .product(name: "GRDB", package: "GRDB.swift")],
      exclude: ["Help"]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Checkers", "Reports", "Runner", "Suites", .product(name: "LabKit", package: "LabKit"),
      ],
      exclude: ["Screens"]),
    .testTarget(
      name: "RunnerTests",
      dependencies: ["Checkers", "Runner", "Suites", .product(name: "LabKit", package: "LabKit")]),
  ],
  swiftLanguageModes: [.v6]
)
