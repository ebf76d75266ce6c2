import LabKit

/// Who consumes a topic together, and how far they have come.
struct GroupState: Hashable, Codable {
  /// Counts the assignments.
  private(set) var generation = 0
  /// Sorted: a member's place says which partitions are its own.
  private(set) var members: [String] = []
  /// By number of partition, the offset to go on from.
  private(set) var offsets: [Int: Int] = [:]

  /// Whether that changes the assignment.
  mutating func admit(_ member: String) -> Bool {
    guard !members.contains(member) else { return false }
    change(members + [member])
    return true
  }

  /// Whether that changes the assignment.
  mutating func dismiss(_ leaving: some Collection<String>) -> Bool {
    let remaining = members.filter { !leaving.contains($0) }
    guard remaining != members else { return false }
    change(remaining)
    return true
  }

  private mutating func change(_ members: [String]) {
    self.members = members.sorted()
    generation += 1
  }

  /// The partitions that are a member's, by number.
  func partitions(of member: String) -> [Int] {
    guard let place = members.firstIndex(of: member) else { return [] }
    return (0..<LogBounds.partitions).filter { $0 % members.count == place }
  }

  /// Whether the member may commit so, in this generation.
  func accepts(_ offsets: [Int: Int], from member: String, in generation: Int) -> Bool {
    generation == self.generation && Set(offsets.keys).isSubset(of: partitions(of: member))
  }

  /// A committed offset never falls: a commit may arrive late.
  mutating func commit(_ offsets: [Int: Int]) {
    self.offsets.merge(offsets) { max($0, $1) }
  }
}
