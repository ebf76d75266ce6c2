import Events
import LabKit
import Testing

/// Stage 3F, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct DispatchFirstSteps {
  private func dispatch() throws -> ServiceCluster<DispatchService> { try ServiceCluster(as: "dispatch") }

  @Test func parcelsOfACustomerGoOutInTheirOrder() throws {
    let cluster = try dispatch()
    try cluster.carrierRejects("p1", times: 2)
    try cluster.send("p1", "p2", "p3", of: "ana")
    try cluster.send("p4", of: "ben")
    #expect(cluster.taken(of: "ana") == ["p1", "p2", "p3"])
    #expect(cluster.taken(of: "ben") == ["p4"])
    #expect(try cluster.deadLetters() == [])
  }

  @Test func aParcelThatIsNeverTakenIsADeadLetter() throws {
    let cluster = try dispatch()
    try cluster.carrierRejects("p1", times: .max)
    try cluster.send("p1", of: "ana")
    #expect(try cluster.deadLetters() == ["p1"])
    let attempts = DispatchBounds.leastAttempts...DispatchBounds.mostAttempts
    #expect(attempts.contains(cluster.rejections(of: "p1")))
  }

  @Test func itHoldsUpItsCustomerAndNobodyElse() throws {
    let cluster = try dispatch()
    try cluster.carrierRejects("p1", times: .max)
    try cluster.send("p1", "p2", of: "ana")
    try cluster.send("p3", of: "ben")
    try cluster.send("p4", of: "ana")
    #expect(cluster.taken(of: "ana") == [])
    #expect(cluster.taken(of: "ben") == ["p3"])
    #expect(try cluster.deadLetters() == ["p1", "p2", "p4"])
    #expect(try cluster.heldBack(of: "ana") == 3)
    #expect(try cluster.heldBack(of: "ben") == 0)
  }

  @Test func whatIsHeldBackSurvivesACrash() throws {
    let cluster = try dispatch()
    try cluster.carrierRejects("p1", times: .max)
    try cluster.send("p1", "p2", of: "ana")
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    #expect(try cluster.heldBack(of: "ana") == 2)
    try cluster.send("p3", of: "ana")
    #expect(cluster.taken(of: "ana") == [])
    #expect(try cluster.heldBack(of: "ana") == 3)
  }

  @Test func whatIsRedrivenGoesOutInItsOrder() throws {
    let cluster = try dispatch()
    try cluster.carrierRejects("p1", times: .max)
    try cluster.send("p1", "p2", of: "ana")
    try cluster.carrierRejects("p1", times: 0)
    #expect(try cluster.ask(.redrive(customer: "ana")) == .redriving)
    try cluster.send("p3", of: "ana")
    #expect(cluster.taken(of: "ana") == ["p1", "p2", "p3"])
    #expect(try cluster.heldBack(of: "ana") == 0)
  }

  @Test func whatCannotBeHandedOverYetStaysInTheLog() throws {
    let cluster = try dispatch()
    try cluster.carrierWorks(milliseconds: 500)
    for customer in ["ana", "ben", "eve", "kim"] {
      try cluster.append((1...40).map { "\(customer)\($0)" }, of: customer)
    }
    try cluster.advance(milliseconds: 2_000)
    #expect(cluster.inHand > 0)
    #expect(cluster.inHand <= DispatchBounds.mostInHand)
    // It is late. That is no rejection.
    #expect(try cluster.deadLetters() == [])
  }
}
