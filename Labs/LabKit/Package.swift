// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "LabKit",
  products: [.library(name: "LabKit", targets: ["LabKit"])],
  targets: [
    .target(
      name: "LabKit",
      // A debug build of the student's code runs against an optimised engine.
      swiftSettings: [.unsafeFlags(["-O"])])
  ],
  swiftLanguageModes: [.v6]
)
