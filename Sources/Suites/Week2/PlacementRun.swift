import Checkers
import LabKit
import Runner

/// Placements under test, each held by a probe, and who is a member of them.
final class PlacementRun {
  let trial: Trial
  /// The keys of this seed.
  let keys: KeyRange
  /// The members of each node's placement, with their weights.
  private(set) var weights: [[Int: Int]]

  /// Boots the probes, with placements that have no nodes yet.
  convenience init(_ trial: Trial, keys count: Int, hash: PlacementHash? = nil) throws {
    let keys = KeyRange(first: trial.choices.next(in: 0...1_000_000_000), count: count)
    try self.init(trial, keys, hash: hash ?? PlacementHash(seed: trial.choices.next()))
  }

  /// Boots the probes, and asks for these keys.
  init(_ trial: Trial, _ keys: KeyRange, hash: PlacementHash) throws {
    self.trial = trial
    self.keys = keys
    weights = Array(repeating: [:], count: trial.nodeCount + 1)
    try trial.always { trial.boot(trial.nodes) }
    for node in trial.nodes { try begin(hash, at: node) }
  }

  /// Some servers' numbers, in no order.
  func servers(_ count: Int) -> [Int] {
    Array(trial.choices.shuffled(Array(1...99)).prefix(count))
  }

  func members(at node: Int = 1) -> [Int] { weights[node].keys.sorted() }

  // MARK: Changes

  func begin(_ hash: PlacementHash, at node: Int = 1) throws {
    weights[node] = [:]
    _ = try ask(.begin(hash), at: node)
  }

  func add(_ server: Int, weight: Int = 1, at node: Int = 1) throws {
    weights[node][server] = weight
    _ = try ask(.add(NodeID(server), weight: weight), at: node)
  }

  func add(_ servers: [Int], at node: Int = 1) throws {
    for server in servers { try add(server, at: node) }
  }

  func remove(_ server: Int, at node: Int = 1) throws {
    weights[node][server] = nil
    _ = try ask(.remove(NodeID(server)), at: node)
  }

  // MARK: Questions

  /// The owner of each key, which must be a member.
  func owners(at node: Int = 1) throws -> [Int] {
    var owners: [NodeID?] = []
    // A few at a time: a slow placement is no hung one.
    for start in stride(from: 0, to: keys.count, by: 1_000) {
      let some = KeyRange(first: keys.first + start, count: min(1_000, keys.count - start))
      guard case .owners(let found) = try ask(.owners(some), at: node), found.count == some.count else {
        throw LabError("a probe did not answer for its owners")
      }
      owners += found
    }
    for (offset, owner) in owners.enumerated() where !isSound(owner, at: node) {
      throw broken(
        "Every key has an owner",
        "\(name(offset)) belongs to \(owner.map { "\($0)" } ?? "nobody"); the nodes are \(shown(members(at: node)))"
      )
    }
    return owners.map { $0?.number ?? 0 }
  }

  /// Where there is no node, nobody owns anything.
  private func isSound(_ owner: NodeID?, at node: Int) -> Bool {
    owner.map { weights[node][$0.number] != nil } ?? weights[node].isEmpty
  }

  /// The preference list of each key: as many members as asked for, each once.
  func lists(_ count: Int, at node: Int = 1) throws -> [[Int]] {
    guard case .preferenceLists(let lists) = try ask(.preferenceLists(keys, count: count), at: node),
      lists.count == keys.count
    else { throw LabError("a probe did not answer for its preference lists") }
    let wanted = min(count, weights[node].count)
    for (offset, list) in lists.enumerated() {
      let isSound =
        list.count == wanted && Set(list).count == wanted
        && list.allSatisfy { weights[node][$0.number] != nil }
      guard !isSound else { continue }
      throw broken(
        "Replicas on distinct nodes",
        "\(name(offset)) asks for \(count) nodes of \(shown(members(at: node))) and gets \(shown(list.map(\.number)))"
      )
    }
    return lists.map { $0.map(\.number) }
  }

  private func ask(_ question: PlacementRequest, at node: Int) throws -> PlacementReply {
    let number = trial.request(question, to: node, isStep: false)
    guard try trial.advance(until: { trial.replies[number] != nil }, withinMilliseconds: 10),
      let reply = trial.replies[number]
    else { throw NotExercised("n\(node) did not answer") }
    return try PlacementReply(wireBytes: reply.body)
  }

  // MARK: Words

  func name(_ offset: Int) -> String { "\"\(KeyRange.key(keys.first + offset))\"" }

  func shown(_ servers: [Int]) -> String {
    servers.isEmpty ? "none" : servers.map { "n\($0)" }.joined(separator: " ")
  }

  func broken(_ property: String, _ evidence: String, section: String = "Dynamo, 4.2") -> Violation {
    Violation(property: property, section: section, evidence: evidence)
  }

  /// Throws if a node owns too few or too many keys for its part of a whole.
  func requireShare(
    _ owned: Int, of share: (part: Int, whole: Int), within bounds: ClosedRange<Int>, _ property: String,
    _ who: String
  ) throws {
    let percent = owned * share.whole * 100 / (share.part * keys.count)
    guard !bounds.contains(percent) else { return }
    throw broken(property, "\(who) and owns \(owned) of \(keys.count) keys: \(percent) % of its share")
  }

  /// Throws at the first key for which two placements differ.
  func requireSame(_ first: [[Int]], _ second: [[Int]], _ property: String, _ words: String) throws {
    for (offset, (left, right)) in zip(first, second).enumerated() where left != right {
      throw broken(property, "\(name(offset)) has \(shown(left)), and \(words) \(shown(right))")
    }
  }
}
