import Events
import LabKit
import Testing

/// Stage 3D, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct SagaFirstSteps {
  @Test func anOrderIsCarriedOutStepByStep() throws {
    let cluster = try SagaCluster()
    try cluster.start("o1")
    try cluster.advance(milliseconds: 1_000)
    #expect(try cluster.outcome(of: "o1") == .completed)
    #expect(cluster.steps(.done) == SagaStep.allCases)
  }

  @Test func anOrderStartedTwiceIsOneSaga() throws {
    let cluster = try SagaCluster()
    try cluster.start("o1")
    try cluster.start("o1")
    try cluster.advance(milliseconds: 1_000)
    try cluster.start("o1")
    try cluster.advance(milliseconds: 1_000)
    #expect(Set(cluster.effects.map(\.action.saga)).count == 1)
    #expect(cluster.steps(.done) == SagaStep.allCases)
  }

  @Test func anOrderThatNobodyStartedIsNone() throws {
    let cluster = try SagaCluster()
    #expect(try cluster.outcome(of: "o1") == .noSuchOrder)
  }

  @Test func aRefusedPaymentLeavesNothingBehind() throws {
    let cluster = try SagaCluster()
    try cluster.arrange(.payment, of: "o1", .init(refuses: true))
    try cluster.start("o1")
    try cluster.advance(milliseconds: 1_000)
    #expect(try cluster.outcome(of: "o1") == .cancelled)
    #expect(cluster.standing == [])
    #expect(!cluster.steps(.begun).contains(.inventory))
  }

  @Test func whenShippingIsRefusedTheRestIsUndoneInReverseOrder() throws {
    let cluster = try SagaCluster()
    try cluster.arrange(.shipping, of: "o1", .init(refuses: true))
    try cluster.start("o1")
    try cluster.advance(milliseconds: 1_000)
    #expect(try cluster.outcome(of: "o1") == .cancelled)
    #expect(cluster.steps(.undone) == [.inventory, .payment, .order])
  }

  @Test func aPaymentForWhichNobodyWaitedIsNotMadeAfterAll() throws {
    let cluster = try SagaCluster()
    try cluster.arrange(.payment, of: "o1", .init(milliseconds: 8_000))
    try cluster.start("o1")
    try cluster.advance(milliseconds: 5_000)
    #expect(try cluster.outcome(of: "o1") == .cancelled)
    try cluster.advance(milliseconds: 8_000)
    #expect(cluster.standing == [])
  }

  @Test func aParcelThatLeavesLateIsWaitedFor() throws {
    let cluster = try SagaCluster()
    try cluster.arrange(.shipping, of: "o1", .init(milliseconds: 3_000))
    try cluster.start("o1")
    try cluster.advance(milliseconds: 5_000)
    #expect(try cluster.outcome(of: "o1") == .completed)
    #expect(cluster.steps(.undone) == [])
  }

  @Test func aRestartGoesOnWhereTheSagaWas() throws {
    let cluster = try SagaCluster()
    try cluster.arrange(.inventory, of: "o1", .init(milliseconds: 300))
    try cluster.start("o1")
    try cluster.advance(milliseconds: 150)
    #expect(cluster.standing == [.order, .payment])
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    try cluster.advance(milliseconds: 2_000)
    #expect(try cluster.outcome(of: "o1") == .completed)
    #expect(cluster.steps(.done) == SagaStep.allCases)
  }
}
