import LabKit

/// Where keys lie, by a view of the members: one list of replicas for each key, or two while a change is under way.
///
/// As long as two nodes are at most one view apart, whatever has asked enough replicas of every list shares one with whoever
/// has done so too: the joint majorities of Raft (Ongaro and Ousterhout, 2014, 6), for quorums of any size.
struct Membership: Hashable, Sendable {
  let view: MembershipView
  private let current: HashRing
  private let next: HashRing?

  /// A membership that takes the place of another, much of which it has in common with that.
  init(_ view: MembershipView, after previous: Membership? = nil) {
    self.view = view
    let before = previous.map { $0.next ?? $0.current } ?? HashRing(hash: PlacementHash())
    current = Self.ring(
      of: view.members, from: before, of: previous?.view.next ?? previous?.view.members ?? [])
    next = view.next.map { [current] in Self.ring(of: $0, from: current, of: view.members) }
  }

  /// A ring with these members, made from one with others.
  private static func ring(of members: [NodeID], from ring: HashRing, of others: [NodeID]) -> HashRing {
    var ring = ring
    for node in others where !members.contains(node) { ring.remove(node) }
    for node in members where !others.contains(node) { ring.add(node, weight: 1) }
    return ring
  }

  var isChanging: Bool { next != nil }

  /// The nodes that hold a key's replicas, and those that will.
  func lists(of key: String) -> [[NodeID]] {
    [current, next].compactMap { $0?.preferenceList(for: key, count: StoreBounds.replicas) }
  }

  /// The nodes that hold a key's replicas.
  func replicas(of key: String) -> [NodeID] {
    current.preferenceList(for: key, count: StoreBounds.replicas)
  }

  /// The nodes that will hold a key's replicas and do not yet.
  func heirs(of key: String) -> [NodeID] {
    guard let next else { return [] }
    let replicas = replicas(of: key)
    return next.preferenceList(for: key, count: StoreBounds.replicas).filter { !replicas.contains($0) }
  }

  /// Everybody whom a read or a write of a key concerns.
  func concerned(with key: String) -> [NodeID] { replicas(of: key) + heirs(of: key) }

  /// Who may stand in for a replica that is out of reach: all other members, the next on the ring first.
  func standIns(for key: String) -> [NodeID] {
    Array(current.preferenceList(for: key, count: view.members.count).dropFirst(StoreBounds.replicas))
  }
}
