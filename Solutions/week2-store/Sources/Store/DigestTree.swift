import LabKit

/// Digests of many records: of all together, of 64 parts, and of 64 parts of each (Merkle, 1987; Dynamo, 4.7).
///
/// Two replicas that differ in a few keys find them by comparing a few digests. The digest of a set is the exclusive or of
/// those of its elements: it does not depend on their order, and changes with one record at little cost.
public struct DigestTree: Hashable, Sendable {
  /// The digest of one part. Position 0 is the whole; 1 to 64 are its parts; their parts, the leaves, follow.
  public struct Digest: Hashable, Codable, Sendable {
    let position: Int
    let value: UInt64
  }

  private static let fanOut = 64
  private static let firstLeaf = 1 + fanOut

  /// The parts that are not empty.
  private var values: [Int: UInt64] = [:]

  static func leaf(of key: String) -> Int {
    firstLeaf + Int(stableHash(key) % UInt64(fanOut * fanOut))
  }

  /// Puts one record's digest in the place of another; 0 is that of no record.
  mutating func change(_ key: String, from old: UInt64, to new: UInt64) {
    let leaf = Self.leaf(of: key)
    for position in [leaf, 1 + (leaf - Self.firstLeaf) / Self.fanOut, 0] {
      let value = values[position, default: 0] ^ old ^ new
      values[position] = value == 0 ? nil : value
    }
  }

  var whole: [Digest] { [digest(0)] }

  /// Where this tree differs from digests of another: the leaves, and the parts of what is none, to go on with.
  func differences(from digests: [Digest]) -> (leaves: [Int], parts: [Digest]) {
    let differing = digests.filter { $0.value != values[$0.position, default: 0] }.map(\.position)
    let parts = differing.filter { $0 < Self.firstLeaf }.flatMap { position in
      (0..<Self.fanOut).map { digest(1 + position * Self.fanOut + $0) }
    }
    return (differing.filter { $0 >= Self.firstLeaf }, parts)
  }

  private func digest(_ position: Int) -> Digest {
    Digest(position: position, value: values[position, default: 0])
  }
}
