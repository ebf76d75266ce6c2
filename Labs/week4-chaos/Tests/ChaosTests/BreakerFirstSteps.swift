import Chaos
import LabKit
import Testing

/// Stage 4A, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct BreakerFirstSteps {
  @Test func whatTheServiceSaysIsPassedOn() throws {
    let cluster = try CallerCluster()
    #expect(try cluster.call("q1") == .answered("q1 of n1"))
    #expect(try cluster.call("q2", at: cluster.orders) == .answered("q2 of n2"))
    #expect(try cluster.call("q3", .refuses) == .refused)
    #expect(try cluster.call("q4", .fails) == .failed)
  }

  @Test func whoeverIsSilentTimesOut() throws {
    let cluster = try CallerCluster()
    let call = try cluster.begin("q1", .isSilent)
    try cluster.advance(milliseconds: 997)
    #expect(cluster.reply(to: call) == nil)
    try cluster.advance(milliseconds: 3)
    #expect(cluster.reply(to: call) == .timedOut)
  }

  @Test func fiveFailuresInARowOpenTheBreaker() throws {
    let cluster = try CallerCluster()
    try cluster.fail(4)
    #expect(try cluster.call("q1") == .answered("q1 of n1"))
    try cluster.fail(5)
    #expect(try cluster.call("q2") == .rejected)
    #expect(cluster.timesAsked("q2") == 0)
    #expect(try cluster.call("q3", at: cluster.orders) == .answered("q3 of n2"))
  }

  @Test func afterThePauseOneProbeGoesThrough() throws {
    let cluster = try CallerCluster()
    try cluster.fail(5)
    try cluster.advance(milliseconds: 60_000)
    let probe = try cluster.begin("q1", milliseconds: 500)
    #expect(try cluster.call("q2") == .rejected)
    try cluster.advance(milliseconds: 600)
    #expect(cluster.reply(to: probe) == .answered("q1 of n1"))
    #expect(try cluster.call("q3") == .answered("q3 of n1"))
  }

  @Test func aFailedProbeOpensItAgain() throws {
    let cluster = try CallerCluster()
    try cluster.fail(5)
    try cluster.advance(milliseconds: 60_000)
    #expect(try cluster.call("q1", .fails) == .failed)
    try cluster.advance(milliseconds: 59_000)
    #expect(try cluster.call("q2") == .rejected)
    try cluster.advance(milliseconds: 1_000)
    #expect(try cluster.call("q3") == .answered("q3 of n1"))
  }

  @Test func whatEndsLateCountsForNothing() throws {
    let cluster = try CallerCluster()
    let late = try cluster.begin("q1", milliseconds: 500)
    try cluster.fail(5)
    try cluster.advance(milliseconds: 500)
    #expect(cluster.reply(to: late) == .answered("q1 of n1"))
    #expect(try cluster.call("q2") == .rejected)
  }

  @Test func theWallClockDoesNotMatter() throws {
    let cluster = try CallerCluster()
    try cluster.fail(5)
    try cluster.moveWallClock(seconds: 3_600)
    #expect(try cluster.call("q1") == .rejected)
    try cluster.moveWallClock(seconds: -3_600)
    try cluster.advance(milliseconds: 60_000)
    #expect(try cluster.call("q2") == .answered("q2 of n1"))
  }
}
