import Events
import LabKit
import Testing

/// Stage 3C, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct ConsumerFirstSteps {
  /// Two lamps for ana, 600 cents.
  private let o1 = PlacedOrder(
    id: "o1", user: "ana", key: "", order: Order(item: "lamp", quantity: 2), cents: 600)

  private func inventory() throws -> ServiceCluster<InventoryService> { try ServiceCluster(as: "inventory") }
  private func payments() throws -> ServiceCluster<PaymentService> { try ServiceCluster(as: "payments") }

  @Test func whatIsOrderedIsSetAside() throws {
    let cluster = try inventory()
    try cluster.tell(.placed(o1))
    #expect(try cluster.totals() == ["lamp": 2])
  }

  @Test func anOrderThatIsToldTwiceIsSetAsideOnce() throws {
    let cluster = try inventory()
    try cluster.tell(.placed(o1), .placed(o1))
    try cluster.tell(.placed(o1))
    #expect(try cluster.totals() == ["lamp": 2])
  }

  @Test func aCancelledOrderIsLetGoAndStaysSo() throws {
    let cluster = try inventory()
    try cluster.tell(.placed(o1), .cancelled(id: "o1"))
    #expect(try cluster.totals() == [:])
    try cluster.tell(.placed(o1))
    #expect(try cluster.totals() == [:])
  }

  @Test func anOrderThatIsOverBeforeItIsKnownIsNotSetAside() throws {
    let cluster = try inventory()
    try cluster.tell(.returned(id: "o1"))
    try cluster.tell(.placed(o1))
    #expect(try cluster.totals() == [:])
  }

  @Test func whatIsReadIsCommitted() throws {
    let cluster = try inventory()
    try cluster.tell(.placed(o1), .returned(id: "o1"))
    for group in ConsumerGroup.inventory { #expect(try cluster.uncommitted(by: group) == 0) }
  }

  @Test func whatIsSetAsideSurvivesACrash() throws {
    let cluster = try inventory()
    try cluster.tell(.placed(o1))
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    #expect(try cluster.totals() == ["lamp": 2])
    try cluster.tell(.placed(o1))
    #expect(try cluster.totals() == ["lamp": 2])
  }

  @Test func anOrderIsChargedOnceAndPaidBackOnce() throws {
    let cluster = try payments()
    try cluster.tell(.placed(o1), .placed(o1))
    #expect(try cluster.transfers() == [600])
    #expect(try cluster.totals() == ["ana": 600])
    try cluster.tell(.cancelled(id: "o1"), .cancelled(id: "o1"), .returned(id: "o1"))
    #expect(try cluster.transfers() == [600, -600])
    #expect(try cluster.totals() == [:])
  }

  @Test func anOrderIsChargedWhenTheProviderIsBack() throws {
    let cluster = try payments()
    try cluster.crash(NodeID.provider.number)
    try cluster.tell(.placed(o1))
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    try cluster.boot(NodeID.provider.number)
    try cluster.advance(milliseconds: 1_000)
    #expect(try cluster.transfers() == [600])
  }
}
