import Checkers
import Testing

@Suite("The versions of a store without a leader")
struct VersionedStoreTests {
  /// A history that is told step by step; each step takes a millisecond.
  private struct Teller {
    var history = VersionHistory(key: "cart")
    private var now = 0

    private mutating func step() -> (call: Int, end: Int) {
      now += 1_000
      return (now, now + 500)
    }

    /// A write by a client who knows what `read` saw; acknowledged unless it is told otherwise.
    @discardableResult
    mutating func write(
      _ value: String?, client: Int = 1, knowing read: Int? = nil, quorum: Int = 2,
      isAcknowledged: Bool = true
    ) -> String {
      let (call, end) = step()
      let name = "c\(client).\(history.writes.count + 1)"
      history.writes.append(
        VersionHistory.Write(
          name: name, value: value, client: client, context: read, quorum: quorum, callMicroseconds: call))
      if isAcknowledged { history.writes[history.writes.count - 1].acknowledgedMicroseconds = end }
      return name
    }

    /// A read that returns writes by their names; the read's number.
    @discardableResult
    mutating func read(_ names: String..., client: Int = 9, quorum: Int? = 2) -> Int {
      read(names, client: client, quorum: quorum)
    }

    @discardableResult
    mutating func read(_ names: [String], client: Int = 9, quorum: Int? = 2) -> Int {
      let (call, end) = step()
      let found = names.map { name in
        VersionHistory.Version(name: name, value: history.writes.first { $0.name == name }?.value ?? nil)
      }
      history.reads.append(
        VersionHistory.Read(
          client: client, node: 0, quorum: quorum, callMicroseconds: call, returnMicroseconds: end,
          found: found))
      return history.reads.count - 1
    }

    func verdict(_ concurrency: VersionedStore.Concurrency = .siblings) -> Verdict {
      VersionedStore(concurrency, replicas: 3).check(history)
    }

    func broken(_ concurrency: VersionedStore.Concurrency = .siblings) -> String? {
      guard case .violated(let violation) = verdict(concurrency) else { return nil }
      return violation.property
    }
  }

  // MARK: Rules, one by one

  @Test("an acknowledged write that nobody superseded must be read, if the quorums overlap")
  func loss() {
    var teller = Teller()
    teller.write("tea")
    teller.read()
    #expect(teller.broken() == "Acknowledged writes are read")
    #expect(teller.broken(.lastWriterWins) == "Acknowledged writes are read")
    teller.history.reads[0].quorum = 1
    #expect(teller.verdict() == .holds)
    teller.history.reads[0].quorum = nil
    #expect(teller.broken() == "Acknowledged writes are read")
  }

  @Test(
    "of two concurrent writes one may win where the last writer wins, and both stay where there are siblings")
  func concurrency() {
    var teller = Teller()
    teller.write("tea", client: 1)
    let second = teller.write("soap", client: 2)
    teller.read(second)
    #expect(teller.verdict(.lastWriterWins) == .holds)
    #expect(teller.broken(.siblings) == "Acknowledged writes are read")
  }

  @Test("a client's own later write may take the place of its earlier one")
  func sameClient() {
    var teller = Teller()
    teller.write("tea", client: 1)
    let second = teller.write("soap", client: 1)
    teller.read(second)
    #expect(teller.verdict() == .holds)
  }

  @Test("whoever has read a client's later write may take the place of its earlier one")
  func sameClientThroughAnother() {
    var teller = Teller()
    teller.write("tea", client: 1)
    let second = teller.write("soap", client: 1)
    let read = teller.read(second)
    let third = teller.write("salt", client: 2, knowing: read)
    teller.read(third)
    #expect(teller.verdict() == .holds)
    // It may not take the place of what yet another client wrote.
    var other = Teller()
    other.write("tea", client: 3)
    other.write("soap", client: 1)
    let fourth = other.write("salt", client: 2, knowing: other.read("c1.2"))
    other.read(fourth)
    #expect(other.broken() == "Acknowledged writes are read")
  }

  @Test("where the last writer wins, a write does not lose to what its client had read")
  func newest() {
    var teller = Teller()
    let first = teller.write("tea", client: 1)
    let read = teller.read(first)
    teller.write("soap", client: 2, knowing: read)
    teller.read(first)
    #expect(teller.broken(.lastWriterWins) == "No superseded version comes back")
  }

  @Test("a version never stands beside one that supersedes it, however few replicas answer")
  func pile() {
    var teller = Teller()
    let first = teller.write("tea", client: 1)
    let read = teller.read(first)
    let second = teller.write("soap", client: 2, knowing: read, isAcknowledged: false)
    teller.read(first, second, quorum: 1)
    #expect(teller.broken() == "A version goes when it is superseded")
    // A write that was sent twice may take effect twice.
    teller.history.writes[0].isRepeated = true
    #expect(teller.verdict() == .holds)
  }

  @Test("what was superseded through several hands stays away")
  func chain() {
    var teller = Teller()
    let first = teller.write("tea", client: 1)
    let second = teller.write("soap", client: 2, knowing: teller.read(first))
    teller.write("salt", client: 3, knowing: teller.read(second))
    teller.read(first)
    #expect(teller.broken() == "No superseded version comes back")
  }

  @Test("a deletion may be left out of what is read, and what it deleted may not return")
  func deletion() {
    var teller = Teller()
    let first = teller.write("tea", client: 1)
    teller.write(nil, client: 2, knowing: teller.read(first))
    teller.read()
    #expect(teller.verdict() == .holds)
    teller.read(first)
    #expect(teller.broken() == "No superseded version comes back")
  }

  @Test("a deletion by somebody who had not read a version does not excuse its loss")
  func blindDeletion() {
    var teller = Teller()
    teller.write("tea", client: 1)
    teller.write(nil, client: 2)
    teller.read()
    #expect(teller.broken(.siblings) == "Acknowledged writes are read")
    #expect(teller.verdict(.lastWriterWins) == .holds)
  }

  @Test("nothing is read that nobody wrote, that was written otherwise, or that has failed")
  func inventions() {
    var teller = Teller()
    teller.read("c7.7")
    #expect(teller.broken() == "Nothing is invented")
    teller = Teller()
    let name = teller.write("tea")
    teller.read(name)
    teller.history.reads[0].found[0].value = "coffee"
    #expect(teller.broken() == "Nothing is invented")
    teller = Teller()
    let failed = teller.write("tea", isAcknowledged: false)
    teller.read(failed)
    #expect(teller.verdict() == .holds)
    teller.history.writes[0].hasFailed = true
    #expect(teller.broken() == "A failed write never happens")
  }

  // MARK: Random histories

  /// One copy that keeps exactly the versions that nobody has superseded, and clients that know more or less of it.
  private struct Ideal {
    var teller = Teller()
    var choices: Generator
    /// The versions that are there, and for each client its last read with what was there then.
    var present: [String] = []
    var known: [Int: (read: Int, versions: [String])] = [:]

    init(seed: UInt64) { choices = Generator(seed: seed) }

    mutating func step() {
      let client = choices.below(4)
      if choices.below(2) == 0 {
        known[client] = (teller.read(present, client: client), present)
      } else {
        let seen = known[client]
        let isDeletion = choices.below(5) == 0
        let name = teller.write(
          isDeletion ? nil : "v\(teller.history.writes.count)", client: client, knowing: seen?.read,
          quorum: 1 + choices.below(3))
        present.removeAll { seen?.versions.contains($0) ?? false }
        present.append(name)
      }
    }
  }

  @Test("a store that keeps exactly what nobody has superseded is never blamed, and one lie is always seen")
  func ideal() {
    var lies = 0
    for seed in 1...4_000 {
      var ideal = Ideal(seed: UInt64(seed))
      for _ in 0..<(5 + seed % 30) { ideal.step() }
      #expect(ideal.teller.verdict() == .holds, "seed \(seed)")
      // One last read leaves out a version that is there, or brings one back that is not.
      let values = ideal.present.filter { name in
        ideal.teller.history.writes.contains { $0.name == name && $0.value != nil && !isExcused($0, ideal) }
      }
      let gone = ideal.teller.history.writes.map(\.name).filter { !ideal.present.contains($0) }
      var lossy = ideal
      if let lost = values.first {
        lossy.teller.read(lossy.present.filter { $0 != lost }, quorum: 3)
        #expect(lossy.teller.broken() == "Acknowledged writes are read", "seed \(seed)")
        lies += 1
      }
      var haunted = ideal
      if let ghost = gone.first {
        haunted.teller.read(haunted.present + [ghost], quorum: 3)
        #expect(haunted.teller.broken() != nil, "seed \(seed)")
        lies += 1
      }
    }
    #expect(lies > 6_000)
  }

  /// A later write of the same client may stand for a write that is missing; so may one of whoever has read that.
  private func isExcused(_ write: VersionHistory.Write, _ ideal: Ideal) -> Bool {
    ideal.teller.history.writes.contains {
      $0.client == write.client && $0.callMicroseconds > write.callMicroseconds
    }
  }
}
