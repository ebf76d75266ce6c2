import Checkers
import LabKit
import Runner

/// Versions of a cart under test, held by a probe, and what each of them may and must hold.
final class CartRun {
  /// An item that was added, once.
  private struct Addition: Hashable {
    let item: String
    let number: Int
  }

  private struct Version {
    let items: Set<String>
    /// The versions that it came from, and those they came from.
    let ancestors: Set<Int>
    let additions: Set<Addition>
    /// Additions that were known to whoever removed their item.
    let removed: Set<Addition>
    let words: String
  }

  private let trial: Trial
  private var versions: [Int: Version] = [:]
  private var additions = 0

  init(_ trial: Trial) throws {
    self.trial = trial
    try trial.always {
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: 1)
    }
    versions[0] = Version(items: [], ancestors: [], additions: [], removed: [], words: "the empty cart")
  }

  /// Versions that a store could hold side by side: none of them came from another.
  func siblings(_ count: Int) -> [Int] {
    let all = versions.keys.sorted()
    let some = Set((0..<count).map { _ in trial.choices.element(of: all) })
    return some.filter { one in !some.contains { versions[$0]?.ancestors.contains(one) ?? false } }.sorted()
  }

  /// Merges versions, changes what comes of it, and judges it.
  func change(_ parents: [Int], add added: [String] = [], remove removed: [String] = []) throws {
    let reply = try ask(parents, add: added, remove: removed)
    let known = parents.compactMap { versions[$0] }
    let all = known.reduce(into: Set<Addition>()) { $0.formUnion($1.additions) }
    let gone = known.reduce(into: Set<Addition>()) { $0.formUnion($1.removed) }
    let items = Set(reply.items)
    let merged = list(known.map(\.words))
    for addition in all.subtracting(gone).sorted(by: { $0.number < $1.number })
    where !items.contains(addition.item) && !removed.contains(addition.item) {
      throw broken(
        "No added item is lost",
        "\"\(addition.item)\" had been added, and nobody who knew that had removed it; \(merged) merged is \(shown(items))"
      )
    }
    for item in added where !items.contains(item) && !removed.contains(item) {
      throw broken(
        "No added item is lost", "\"\(item)\" was added to \(merged), which is \(shown(items)) now")
    }
    for item in removed where items.contains(item) {
      throw broken(
        "What is removed is gone", "\"\(item)\" was removed from \(merged), which is \(shown(items)) now")
    }
    for item in items.sorted()
    where !added.contains(item) && !known.contains(where: { $0.items.contains(item) }) {
      throw broken(
        "A removed item returns from a concurrent version alone",
        "none of \(merged) holds \"\(item)\"; merged they are \(shown(items))")
    }
    var additions = all
    for item in added where !removed.contains(item) { additions.insert(addition(of: item)) }
    let ancestors = known.reduce(into: Set(parents)) { $0.formUnion($1.ancestors) }
    versions[reply.version] = Version(
      items: items, ancestors: ancestors, additions: additions,
      removed: gone.union(all.filter { removed.contains($0.item) }), words: shown(items))
  }

  /// Merges the same versions in another order, some of them twice: it must come to the same.
  func requireSame(_ parents: [Int]) throws {
    let first = try ask(parents)
    let other = trial.choices.shuffled(parents + parents.prefix(trial.choices.next(in: 1...parents.count)))
    let second = try ask(other)
    let words = list(other.compactMap { versions[$0]?.words })
    guard first.items == second.items else {
      throw broken(
        "Merging is commutative, associative and idempotent",
        "\(list(parents.compactMap { versions[$0]?.words })) merge to \(shown(Set(first.items))), and \(words) to \(shown(Set(second.items)))"
      )
    }
    // Parts first, and then the whole.
    let middle = trial.choices.next(in: 1...parents.count)
    let left = try ask(Array(parents[..<middle]))
    let right = middle < parents.count ? try ask(Array(parents[middle...])) : left
    let third = try ask([right.version, left.version])
    guard first.items == third.items else {
      throw broken(
        "Merging is commutative, associative and idempotent",
        "\(list(parents.compactMap { versions[$0]?.words })) merge to \(shown(Set(first.items))) one after the other, and in two groups to \(shown(Set(third.items)))"
      )
    }
  }

  private func addition(of item: String) -> Addition {
    additions += 1
    return Addition(item: item, number: additions)
  }

  private func ask(_ parents: [Int], add added: [String] = [], remove removed: [String] = []) throws
    -> CartReply
  {
    let number = trial.request(
      CartRequest.change(parents, add: added, remove: removed), to: 1, isStep: false)
    guard try trial.advance(until: { trial.replies[number] != nil }, withinMilliseconds: 10),
      let reply = trial.replies[number]
    else { throw NotExercised("the probe did not answer") }
    return try CartReply(wireBytes: reply.body)
  }

  private func list(_ words: [String]) -> String { words.joined(separator: " and ") }

  private func shown(_ items: Set<String>) -> String {
    items.isEmpty ? "{ }" : "{ \(items.sorted().joined(separator: ", ")) }"
  }

  private func broken(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "Dynamo, 4.4", evidence: evidence + ".")
  }
}
