import Checkers
import Testing

@Suite("A correct Raft at random")
struct RandomRaftTests {
  @Test("breaks no rule, whatever befalls it")
  func noFalseAlarm() throws {
    var committed = 0
    var elections = 0
    for seed in 1...600 {
      var raft = try RandomRaft(nodes: 1 + seed % 5, seed: UInt64(seed))
      do {
        for _ in 0..<2_000 { try raft.step() }
      } catch {
        Issue.record("Seed \(seed): \(error)")
      }
      committed += raft.safety.highestCommitted
      elections += raft.elections
    }
    print("correct Raft at random: \(elections) elections, \(committed) entries committed")
    #expect(committed > 6_000)
    #expect(elections > 6_000)
  }

  @Test("is caught when half of the nodes pass for a majority")
  func smallMajority() throws {
    let found = try properties { $0.majority -= 1 }
    print("half as a majority: \(found)")
    #expect(found["Leader without a majority", default: 0] > 30)
  }

  @Test("is caught when it forgets its votes in a restart")
  func forgottenVotes() throws {
    let found = try properties { $0.forgetsVotes = true }
    print("votes forgotten: \(found)")
    #expect(found["One vote a term", default: 0] > 10)
  }

  /// How often each property broke in a hundred runs of four nodes after `change`.
  private func properties(_ change: (inout RandomRaft) -> Void) throws -> [String: Int] {
    var found: [String: Int] = [:]
    for seed in 1...100 {
      var raft = try RandomRaft(nodes: 4, seed: UInt64(seed))
      change(&raft)
      do {
        for _ in 0..<5_000 { try raft.step() }
      } catch {
        found[error.property, default: 0] += 1
      }
    }
    return found
  }
}
