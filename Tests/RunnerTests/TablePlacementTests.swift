import LabKit
import Testing

@Suite("Ranges and a directory")
struct TablePlacementTests {
  /// A placement of either kind, with the keys that it was told of.
  private struct Grown<Value: TablePlacement> {
    var placement = Value(hash: PlacementHash(seed: 7))
    var keys: [String] = []

    /// So many keys that come in their order.
    mutating func write(_ count: Int) {
      for _ in 0..<count {
        keys.append(KeyRange.key(100_000 + keys.count))
        placement.insert(keys[keys.count - 1])
      }
    }

    mutating func add(_ nodes: some Sequence<Int>) {
      for node in nodes { placement.add(NodeID(node), weight: 1) }
    }

    var owners: [Int?] { keys.map { placement.owner(of: $0)?.number } }
    var counts: [Int: Int] { owners.reduce(into: [:]) { $0[$1 ?? 0, default: 0] += 1 } }
  }

  /// Keys and nodes that come, and nodes that go, as a stream of random numbers has it.
  private func everyKeyHasAnOwner<Value: TablePlacement>(_ type: Value.Type) {
    for seed in 0..<UInt64(40) {
      var random = RandomStream(seed: seed)
      var grown = Grown<Value>()
      var members: Set<Int> = []
      for _ in 0..<60 {
        let node = random.next(in: 1...9)
        switch random.next(in: 0...2) {
        case 0:
          grown.placement.add(NodeID(node), weight: random.next(in: 1...3))
          members.insert(node)
        case 1:
          grown.placement.remove(NodeID(node))
          members.remove(node)
        default: grown.write(random.next(in: 1...20))
        }
        for key in grown.keys + ["", "a", "user1000005", "z"] {
          let owner = grown.placement.owner(of: key)?.number
          #expect(members.isEmpty ? owner == nil : owner.map(members.contains) == true)
          let list = grown.placement.preferenceList(for: key, count: 3).map(\.number)
          #expect(list.first == owner)
          #expect(list.count == min(3, members.count) && Set(list).count == list.count)
        }
      }
    }
  }

  @Test(
    "every key has an owner among the nodes, and its replicas lie on different ones, whoever comes and goes")
  func owners() {
    everyKeyHasAnOwner(RangePlacement.self)
    everyKeyHasAnOwner(DirectoryPlacement.self)
  }

  // MARK: Ranges

  @Test("a node that comes takes the upper half of the fullest range, and nothing else moves")
  func split() {
    var grown = Grown<RangePlacement>()
    grown.add([1])
    grown.write(1_000)
    grown.add([2])
    #expect(grown.owners == Array(repeating: 1, count: 500) + Array(repeating: 2, count: 500))
    grown.write(500)
    let before = grown.owners
    grown.add([3])
    #expect(grown.owners == before.prefix(1_000) + Array(repeating: 3, count: 500))
    #expect(grown.placement.entryCount == 3)
  }

  @Test("a node that goes leaves its range to the neighbour that holds less, and nothing else moves")
  func merge() {
    var grown = Grown<RangePlacement>()
    grown.add([1])
    grown.write(1_000)
    grown.add([2, 3])
    grown.write(200)
    // 1 holds 250 or 500 keys, whichever of the two was split; the last range has the 200 new ones.
    for node in [1, 2, 3] {
      var left = grown
      left.placement.remove(NodeID(node))
      let moved = zip(grown.owners, left.owners).filter { $0 != $1 }
      #expect(moved.count == grown.counts[node])
      let heirs = Set(moved.map { $0.1 })
      #expect(heirs.count == 1)
      #expect(left.placement.entryCount == 2)
    }
    var middle = grown
    let order = middle.owners.reduce(into: [Int]()) { if $0.last != $1 { $0.append($1 ?? 0) } }
    middle.placement.remove(NodeID(order[1]))
    let (first, last) = (grown.counts[order[0], default: 0], grown.counts[order[2], default: 0])
    #expect(first != last)
    let heir = first < last ? order[0] : order[2]
    #expect(middle.counts[heir] == min(first, last) + grown.counts[order[1], default: 0])
  }

  @Test("neighbours lie together: a node's keys are one stretch")
  func stretches() {
    var grown = Grown<RangePlacement>()
    for node in 1...9 {
      grown.add([node])
      grown.write(100)
    }
    grown.placement.remove(4)
    let changes = zip(grown.owners, grown.owners.dropFirst()).count { $0 != $1 }
    #expect(changes == 7)
  }

  @Test("the newest keys all go to one node")
  func hotSpot() {
    var grown = Grown<RangePlacement>()
    for node in 1...9 {
      grown.add([node])
      grown.write(100)
    }
    #expect(Set(grown.owners.suffix(100)).count == 1)
    // Whatever the order in which the nodes have come.
    grown.write(300)
    #expect(Set(grown.owners.suffix(400)).count == 1)
  }

  @Test("nodes that come before the keys get a range as soon as there are keys enough")
  func waiting() {
    var grown = Grown<RangePlacement>()
    grown.add(1...4)
    #expect(grown.placement.entryCount == 1)
    grown.write(20)
    #expect(grown.placement.entryCount == 4)
    #expect(Set(grown.owners).count == 4)
  }

  @Test("a node of three times the weight takes three quarters of the range that is split")
  func heavyRange() {
    var grown = Grown<RangePlacement>()
    grown.add([1])
    grown.write(400)
    grown.placement.add(2, weight: 3)
    #expect(grown.counts == [1: 100, 2: 300])
    // Whoever is there with this weight already moves nothing.
    let before = grown.placement
    grown.add([1])
    #expect(grown.placement == before)
  }

  // MARK: A directory

  @Test("a directory is as even as can be, whoever comes and goes, and has an entry a key")
  func even() throws {
    var grown = Grown<DirectoryPlacement>()
    for (node, isComing) in [(1, true), (2, true), (3, true), (1, false), (4, true), (5, true), (3, false)] {
      if isComing { grown.add([node]) } else { grown.placement.remove(NodeID(node)) }
      grown.write(101)
      let counts = grown.counts.values
      #expect(try #require(counts.max()) - #require(counts.min()) <= 1)
    }
    #expect(grown.placement.entryCount == 707)
  }

  @Test("no key moves but to a node that comes and from one that goes")
  func least() {
    var grown = Grown<DirectoryPlacement>()
    grown.add(1...4)
    grown.write(1_000)
    let before = grown.owners
    grown.add([5])
    let after = grown.owners
    let moved = zip(before, after).filter { $0 != $1 }
    #expect(moved.count == 200)
    #expect(moved.allSatisfy { $0.1 == 5 })
    grown.placement.remove(2)
    let gone = zip(after, grown.owners).filter { $0 != $1 }
    #expect(gone.count == 200)
    #expect(gone.allSatisfy { $0.0 == 2 })
  }

  @Test("a node of three times the weight holds three times the keys, also if it was there before")
  func heavyNode() {
    var grown = Grown<DirectoryPlacement>()
    grown.add([1, 2])
    grown.write(400)
    grown.placement.add(2, weight: 3)
    #expect(grown.counts == [1: 100, 2: 300])
  }

  @Test("neighbours are torn apart when a node comes")
  func torn() {
    var grown = Grown<DirectoryPlacement>()
    grown.add([1])
    grown.write(400)
    grown.add([2])
    let changes = zip(grown.owners, grown.owners.dropFirst()).count { $0 != $1 }
    #expect(changes > 100)
  }
}
