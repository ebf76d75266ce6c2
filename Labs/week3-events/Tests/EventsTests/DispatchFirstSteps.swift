import Events
import LabKit
import Testing

/// Stage 3F, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct DispatchFirstSteps {
  @Test func parcelsOfACustomerGoOutInTheirOrder() throws {
    let desk = try DispatchDesk()
    try desk.carrier(rejects: "p1", times: 2)
    try desk.send("p1", "p2", "p3", of: "ana")
    try desk.send("p4", of: "ben")
    #expect(desk.taken(of: "ana") == ["p1", "p2", "p3"])
    #expect(desk.taken(of: "ben") == ["p4"])
    #expect(try desk.deadLetters() == [])
  }

  @Test func aParcelThatIsNeverTakenIsADeadLetter() throws {
    let desk = try DispatchDesk()
    try desk.carrier(rejects: "p1", times: .max)
    try desk.send("p1", of: "ana")
    #expect(try desk.deadLetters() == ["p1"])
    #expect(desk.rejections(of: "p1") >= DispatchBounds.leastAttempts)
    #expect(desk.rejections(of: "p1") <= DispatchBounds.mostAttempts)
  }

  @Test func itHoldsUpItsCustomerAndNobodyElse() throws {
    let desk = try DispatchDesk()
    try desk.carrier(rejects: "p1", times: .max)
    try desk.send("p1", "p2", of: "ana")
    try desk.send("p3", of: "ben")
    try desk.send("p4", of: "ana")
    #expect(desk.taken(of: "ana") == [])
    #expect(desk.taken(of: "ben") == ["p3"])
    #expect(try desk.deadLetters() == ["p1", "p2", "p4"])
    #expect(try desk.heldBack(of: "ana") == 3)
    #expect(try desk.heldBack(of: "ben") == 0)
  }

  @Test func whatIsHeldBackSurvivesACrash() throws {
    let desk = try DispatchDesk()
    try desk.carrier(rejects: "p1", times: .max)
    try desk.send("p1", "p2", of: "ana")
    try desk.restart()
    #expect(try desk.heldBack(of: "ana") == 2)
    try desk.send("p3", of: "ana")
    #expect(try desk.heldBack(of: "ana") == 3)
    #expect(desk.taken(of: "ana") == [])
  }

  @Test func whatIsRedrivenGoesOutInItsOrder() throws {
    let desk = try DispatchDesk()
    try desk.carrier(rejects: "p1", times: .max)
    try desk.send("p1", "p2", of: "ana")
    try desk.carrier(rejects: "p1", times: 0)
    try desk.redrive("ana")
    try desk.send("p3", of: "ana")
    #expect(desk.taken(of: "ana") == ["p1", "p2", "p3"])
    #expect(try desk.heldBack(of: "ana") == 0)
  }

  @Test func whatCannotBeHandedOverStaysInTheLog() throws {
    let desk = try DispatchDesk()
    try desk.carrierTakes(milliseconds: 200)
    // Partition by partition they are read: no customer's parcels are all there is.
    for customer in ["ana", "ben", "eve", "kim", "lee"] {
      try desk.append((1...40).map { "\(customer)\($0)" }, of: customer)
    }
    try desk.advance(milliseconds: 2_000)
    #expect(desk.inHand > 0)
    #expect(desk.inHand <= DispatchBounds.mostInHand)
  }
}

/// Your dispatch service, a carrier, and an operator.
private final class DispatchDesk {
  private let cluster: ServiceCluster<DispatchService>
  private var reader = TraceReader()
  private var effects: [CarrierEffect] = []
  private var read: [Partition: Int] = [:]

  init() throws { cluster = try ServiceCluster(as: "dispatch") }
}
