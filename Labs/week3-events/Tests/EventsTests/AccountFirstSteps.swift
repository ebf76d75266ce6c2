import Events
import LabKit
import Testing

/// Stage 3E, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct AccountFirstSteps {
  @Test func anAccountHoldsWhatItsEventsComeTo() throws {
    let cluster = try AccountCluster()
    #expect(try cluster.command(.deposit(cents: 500), "ana", id: "c1") == 1)
    #expect(try cluster.command(.withdraw(cents: 200), "ana", id: "c2") == 2)
    #expect(try cluster.balance(of: "ana", atLeast: 2) == 300)
    #expect(try cluster.balance(of: "ben") == 0)
  }

  @Test func whatIsNotThereIsNotWithdrawn() throws {
    let cluster = try AccountCluster()
    #expect(try cluster.command(.deposit(cents: 500), "ana", id: "c1") == 1)
    let request = AccountRequest.command(.withdraw(cents: 501), account: "ana", id: "c2")
    #expect(try cluster.ask(request) == .insufficient)
    #expect(try cluster.command(.withdraw(cents: 500), "ana", id: "c3") == 2)
  }

  @Test func bothNodesKnowWhatEitherHasDone() throws {
    let cluster = try AccountCluster()
    #expect(try cluster.command(.deposit(cents: 500), "ana", id: "c1", at: cluster.both[0]) == 1)
    #expect(try cluster.balance(of: "ana", atLeast: 1, at: cluster.both[1]) == 500)
    #expect(try cluster.command(.withdraw(cents: 500), "ana", id: "c2", at: cluster.both[1]) == 2)
    let request = AccountRequest.command(.withdraw(cents: 1), account: "ana", id: "c3")
    #expect(try cluster.ask(request, cluster.both[0]) == AccountReply.insufficient)
  }

  @Test func aCommandThatIsSentAgainIsDoneOnce() throws {
    let cluster = try AccountCluster()
    for node in cluster.both + cluster.both {
      #expect(try cluster.command(.deposit(cents: 500), "ana", id: "c1", at: node) == 1)
    }
    #expect(try cluster.balance(of: "ana", atLeast: 1) == 500)
  }

  @Test func eventsOfTheOldSchemaCount() throws {
    let cluster = try AccountCluster()
    try cluster.hold(12, -5, of: "ana")
    #expect(try cluster.balance(of: "ana", atLeast: 2) == 700)
    #expect(try cluster.command(.withdraw(cents: 650), "ana", id: "c1") == 3)
    #expect(try cluster.balance(of: "ana", atLeast: 3) == 50)
  }

  @Test func aLargeWithdrawalHasOneLetter() throws {
    let cluster = try AccountCluster()
    try cluster.hold(900, -300, of: "ana")
    #expect(try cluster.command(.withdraw(cents: Letter.leastCents - 1), "ana", id: "c1") == 3)
    #expect(try cluster.command(.withdraw(cents: Letter.leastCents), "ana", id: "c2") == 4)
    try cluster.advance(milliseconds: 1_000)
    #expect(cluster.letters == ["ana/4"])
    for node in cluster.both { try cluster.crash(node) }
    for node in cluster.both { try cluster.boot(node) }
    try cluster.advance(milliseconds: 1_000)
    #expect(cluster.letters == ["ana/4"])
  }

  @Test func aRebuildReadsAllAndComesToTheSame() throws {
    let cluster = try AccountCluster()
    #expect(try cluster.command(.deposit(cents: 20_000), "ana", id: "c1") == 1)
    #expect(try cluster.command(.withdraw(cents: 15_000), "ana", id: "c2") == 2)
    try cluster.advance(milliseconds: 500)
    let before = cluster.news.count
    #expect(try cluster.ask(.rebuild) == .rebuilding)
    try cluster.advance(milliseconds: AccountBounds.rebuildMilliseconds)
    let node = NodeID(cluster.service)
    #expect(cluster.news[before...].contains(.readAll(afterPosition: 0, 2, by: node)))
    #expect(try cluster.balance(of: "ana", atLeast: 2) == 5_000)
    #expect(cluster.letters == ["ana/2"])
  }

  @Test func aRestartReadsLittleAgain() throws {
    let cluster = try AccountCluster()
    for number in 1...200 {
      #expect(try cluster.command(.deposit(cents: 1), "ana", id: "c\(number)") == number)
    }
    try cluster.advance(milliseconds: 500)
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    let before = cluster.news.count
    #expect(try cluster.command(.deposit(cents: 1), "ana", id: "c201") == 201)
    #expect(try cluster.balance(of: "ana", atLeast: 201) == 201)
    for case .read(_, let version, _, NodeID(cluster.service)) in cluster.news[before...] {
      #expect(version >= 200 - AccountBounds.mostReadAgain)
    }
    for case .readAll(let position, _, NodeID(cluster.service)) in cluster.news[before...] {
      #expect(position >= 200 - AccountBounds.mostReadAgain)
    }
  }
}
