/// Whether the members of a group shared out the partitions of a topic among themselves, and whether what they committed
/// stayed (Kreps, Narkhede and Rao, "Kafka", NetDB 2011, 3.2; Kafka's protocol of groups and generations).
///
/// Checking takes O(n log n) for n requests.
public struct ConsumerGroups: Sendable {
  public let partitions: Int

  /// - Parameter partitions: how many the topic has.
  public init(partitions: Int) { self.partitions = partitions }

  /// Judges a group.
  ///
  /// - Parameter name: the group's name, for the evidence.
  public func check(_ history: GroupHistory, named name: String) -> Verdict {
    do {
      let assigned = try assignments(history.joins, name)
      try requireRisingGenerations(history, name)
      try requireRightfulCommits(history, assigned, name)
      try requireOffsetsStay(history, name)
      return .holds
    } catch { return .violated(error) }
  }

  private typealias Assignments = [Int: [String: [Int]]]

  /// Who has what, by generation. No two members have one partition, and none has one that there is not.
  private func assignments(_ joins: [GroupHistory.Join], _ name: String) throws(Violation) -> Assignments {
    var assigned: Assignments = [:]
    var owners: [Int: [Int: String]] = [:]
    for join in joins {
      if let before = assigned[join.generation]?[join.member], before != join.partitions {
        throw Violation(
          property: "One assignment a generation", section: "Kafka, 3.2",
          evidence:
            "In generation \(join.generation) of \(name), \(join.member) was assigned \(words(before)), and later "
            + "\(words(join.partitions)): whatever changes begins a generation.")
      }
      assigned[join.generation, default: [:]][join.member] = join.partitions
      for partition in join.partitions {
        guard (0..<partitions).contains(partition) else {
          throw Violation(
            property: "A partition has one owner", section: "Kafka, 3.2",
            evidence:
              "\(join.member) of \(name) was assigned partition \(partition); there are 0 to \(partitions - 1)."
          )
        }
        if let owner = owners[join.generation]?[partition], owner != join.member {
          throw Violation(
            property: "A partition has one owner", section: "Kafka, 3.2",
            evidence:
              "In generation \(join.generation) of \(name), partition \(partition) was assigned to \(owner) and to "
              + "\(join.member).")
        }
        owners[join.generation, default: [:]][partition] = join.member
      }
    }
    return assigned
  }

  private func words(_ partitions: [Int]) -> String {
    partitions.isEmpty ? "nothing" : partitions.map(String.init).joined(separator: ", ")
  }

  /// What was said of the group's generation, in the order of the answers.
  private func generations(_ history: GroupHistory) -> [(call: Int, time: Int, generation: Int)] {
    var said = history.joins.map { (call: $0.call, time: $0.time, generation: $0.generation) }
    for commit in history.commits {
      if case .refused(let generation) = commit.end, let time = commit.time {
        said.append((commit.call, time, generation))
      }
    }
    return said.sorted { $0.time < $1.time }
  }

  private func requireRisingGenerations(_ history: GroupHistory, _ name: String) throws(Violation) {
    let said = generations(history)
    var highest = 0
    var next = 0
    for answer in said.sorted(by: { $0.call < $1.call }) {
      while next < said.count, said[next].time < answer.call {
        highest = max(highest, said[next].generation)
        next += 1
      }
      guard answer.generation < highest else { continue }
      throw Violation(
        property: "Generations rise", section: "Kafka, 3.2",
        evidence: "\(name) was in generation \(highest), and later in generation \(answer.generation) again.")
    }
  }

  private func requireRightfulCommits(
    _ history: GroupHistory, _ assigned: Assignments, _ name: String
  ) throws(Violation) {
    let said = generations(history)
    var highest = 0
    var next = 0
    for commit in history.commits.sorted(by: { $0.call < $1.call }) where commit.end == .committed {
      while next < said.count, said[next].time < commit.call {
        highest = max(highest, said[next].generation)
        next += 1
      }
      if commit.generation < highest {
        throw Violation(
          property: "An older generation commits nothing", section: "Kafka, 3.2",
          evidence:
            "\(commit.member) committed \(words(commit.offsets)) of \(name) in generation \(commit.generation), when "
            + "the group was known to be in generation \(highest).")
      }
      let own = assigned[commit.generation]?[commit.member] ?? []
      if let foreign = commit.offsets.keys.sorted().first(where: { !own.contains($0) }) {
        throw Violation(
          property: "A member commits what is its own", section: "Kafka, 3.2",
          evidence:
            "\(commit.member) committed partition \(foreign) of \(name) in generation \(commit.generation), in which it "
            + "had \(words(own)).")
      }
    }
  }

  private func words(_ offsets: [Int: Int]) -> String {
    offsets.isEmpty
      ? "nothing"
      : offsets.sorted { $0.key < $1.key }.map { "offset \($0.value) of partition \($0.key)" }
        .joined(separator: ", ")
  }

  /// An offset that was committed, or found, is found by everyone later, or one that is higher; and it is one that somebody
  /// asked for.
  private func requireOffsetsStay(_ history: GroupHistory, _ name: String) throws(Violation) {
    for partition in 0..<partitions {
      var said: [(time: Int, offset: Int)] = history.fetches.map { ($0.time, $0.offsets[partition] ?? 0) }
      for commit in history.commits where commit.end == .committed {
        if let offset = commit.offsets[partition], let time = commit.time { said.append((time, offset)) }
      }
      said.sort { $0.time < $1.time }
      let asked = history.commits.compactMap { commit in
        commit.offsets[partition].map { (call: commit.call, offset: $0) }
      }
      var highest = 0
      var next = 0
      for fetch in history.fetches.sorted(by: { $0.call < $1.call }) {
        while next < said.count, said[next].time < fetch.call {
          highest = max(highest, said[next].offset)
          next += 1
        }
        let found = fetch.offsets[partition] ?? 0
        if found < highest {
          throw Violation(
            property: "Committed offsets stay", section: "Kafka, 3.2",
            evidence: "\(name) had committed offset \(highest) of partition \(partition), and later "
              + (fetch.offsets[partition] == nil ? "none was found." : "\(found) was found."))
        }
        if found > 0, !asked.contains(where: { $0.offset == found && $0.call <= fetch.time }) {
          throw Violation(
            property: "Committed offsets stay", section: "Kafka, 3.2",
            evidence:
              "\(name) was said to have committed offset \(found) of partition \(partition), which no member asked for."
          )
        }
      }
    }
  }
}
