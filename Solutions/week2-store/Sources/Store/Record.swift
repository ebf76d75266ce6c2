import LabKit

/// Who numbers versions: a node, for one record of its own. Where a node has let a record go, it numbers those of the next
/// under another name, for it may have forgotten how far it had counted.
struct Issuer: Hashable, Comparable, Codable, Sendable {
  let node: NodeID
  var record = 0

  static func < (left: Issuer, right: Issuer) -> Bool {
    (left.node, left.record) < (right.node, right.record)
  }
}

/// A version's name: who numbered it, and which number it got. It is above the name of every version that it supersedes.
struct Dot: Hashable, Comparable, Codable, Sendable {
  let issuer: Issuer
  let counter: Int

  static func < (left: Dot, right: Dot) -> Bool {
    (left.counter, left.issuer) < (right.counter, right.issuer)
  }
}

/// Which versions of a key somebody has seen: of each issuer all up to a number.
struct VersionVector: Hashable, Codable, Sendable {
  private var counters: [Issuer: Int] = [:]

  func covers(_ dot: Dot) -> Bool { dot.counter <= counters[dot.issuer, default: 0] }

  mutating func merge(_ other: VersionVector) { counters.merge(other.counters, uniquingKeysWith: max) }

  /// Sees a new version, and returns its name, which is above all that were seen.
  mutating func issue(by issuer: Issuer) -> Dot {
    let dot = Dot(issuer: issuer, counter: 1 + (counters.values.max() ?? 0))
    counters[issuer] = dot.counter
    return dot
  }
}

/// What a replica knows of one key: a set of dotted versions (Almeida and others, 2014).
///
/// A version that is seen and no longer here has been superseded. That is all there is to merging.
public struct Record: Hashable, Codable, Sendable {
  private var versions: [Dot: StoreVersion] = [:]
  private var seen = VersionVector()

  /// Takes a write in, by a client that has seen what `context` says. A write that is here already is not taken in twice.
  mutating func add(_ version: StoreVersion, knowing context: CausalContext, issuer: Issuer) {
    guard !versions.values.contains(where: { $0.write == version.write }) else { return }
    let known = context.content(as: VersionVector.self) ?? VersionVector()
    versions = versions.filter { !known.covers($0.key) }
    seen.merge(known)
    versions[seen.issue(by: issuer)] = version
  }

  /// Learns what another replica knows.
  mutating func merge(_ other: Record) {
    let mine = versions.filter { other.versions[$0.key] != nil || !other.seen.covers($0.key) }
    let theirs = other.versions.filter { versions[$0.key] != nil || !seen.covers($0.key) }
    versions = mine.merging(theirs) { mine, _ in mine }
    seen.merge(other.seen)
  }

  /// What a client passes on with the write that follows.
  var context: CausalContext { CausalContext(seen) }

  /// What a client is told: each write once, always in the same order.
  var siblings: [StoreVersion] {
    var writes: Set<WriteID> = []
    return versions.sorted { $0.key < $1.key }.map(\.value).filter { writes.insert($0.write).inserted }
  }
}
