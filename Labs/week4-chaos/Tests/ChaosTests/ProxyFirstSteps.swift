import Chaos
import LabKit
import Testing

/// Stage 4B, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct ProxyFirstSteps {
  @Test func whatTheServiceSaysIsPassedOn() throws {
    let cluster = try ProxyCluster()
    #expect(try cluster.call("q1") == .answered("q1 of n1"))
    #expect(try cluster.call("q2", of: cluster.orders, throughBoth: true) == .answered("q2 of n2"))
    try cluster.arrange("q3", .refuses)
    #expect(try cluster.call("q3") == .refused)
    #expect(cluster.timesAsked("q3") == 1)
  }

  @Test func theTimeLeftTravelsWithTheCall() throws {
    let cluster = try ProxyCluster(ProxySettings(permits: 1))
    try cluster.arrange("q1", .answers, milliseconds: 250)
    _ = try cluster.begin("q1", throughBoth: true)
    try cluster.advance(milliseconds: 1)
    // It waits for the permit of the first.
    #expect(try cluster.call("q2", throughBoth: true, within: 1_000) == .answered("q2 of n1"))
    let left = try #require(cluster.passed.last?.timeLeft)
    #expect(left < .milliseconds(760) && left > .milliseconds(690))
  }

  @Test func aClientIsToldWhenItsTimeIsOver() throws {
    let cluster = try ProxyCluster()
    try cluster.arrange("q1", .isSilent)
    let call = try cluster.begin("q1", .never, within: 200)
    try cluster.advance(milliseconds: 199)
    #expect(cluster.reply(to: call) == nil)
    try cluster.advance(milliseconds: 2)
    #expect(cluster.reply(to: call) == .givenUp)
  }

  @Test func whatFailsIsTriedAgain() throws {
    let cluster = try ProxyCluster()
    try cluster.arrange("q1", .fails, .isSilent, .isBusy, .answers)
    #expect(try cluster.call("q1", .withKey("k")) == .answered("q1 of n1"))
    #expect(cluster.timesAsked("q1") == 4)
    #expect(cluster.passed.allSatisfy { $0.repetition == .withKey("k") })
  }

  @Test func whatMayHaveHappenedIsNotRepeated() throws {
    let cluster = try ProxyCluster()
    try cluster.arrange("q1", .fails, .answers)
    #expect(try cluster.call("q1", .never) == .givenUp)
    #expect(cluster.timesAsked("q1") == 1)
    try cluster.arrange("q2", .isBusy, .answers)
    #expect(try cluster.call("q2", .never) == .answered("q2 of n1"))
  }

  @Test func aReserveIsSpentOnce() throws {
    let cluster = try ProxyCluster(ProxySettings(retryReserve: 3, retryPercent: 0))
    try cluster.arrange("q1", .fails)
    #expect(try cluster.call("q1") == .givenUp)
    #expect(cluster.timesAsked("q1") == 4)
    try cluster.arrange("q2", .fails)
    #expect(try cluster.call("q2") == .givenUp)
    #expect(cluster.timesAsked("q2") == 1)
  }

  @Test func whatOneProxyHasGivenUpTheOtherDoesNotTryAgain() throws {
    let cluster = try ProxyCluster(
      ProxySettings(attemptMilliseconds: 5_000, retryReserve: 3, retryPercent: 0))
    try cluster.arrange("q1", .fails)
    #expect(try cluster.call("q1", throughBoth: true) == .givenUp)
    #expect(cluster.timesAsked("q1") == 4)
  }

  @Test func whoeverFindsNoPlaceIsTurnedAwayAtOnce() throws {
    let cluster = try ProxyCluster(ProxySettings(permits: 2, places: 1))
    for question in ["q1", "q2", "q3"] { try cluster.arrange(question, .answers, milliseconds: 250) }
    let calls = try ["q1", "q2", "q3", "q4"].map { question in
      defer { try? cluster.advance(milliseconds: 1) }
      return try cluster.begin(question)
    }
    #expect(cluster.reply(to: calls[3]) == .overloaded)
    #expect(try cluster.call("q5", of: cluster.orders) == .answered("q5 of n2"))
    try cluster.advance(milliseconds: 600)
    #expect(
      calls.prefix(3).map { cluster.reply(to: $0) } == ["q1", "q2", "q3"].map { .answered("\($0) of n1") })
    #expect(cluster.timesAsked("q4") == 0)
  }
}
