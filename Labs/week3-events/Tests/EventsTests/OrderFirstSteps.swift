import Events
import LabKit
import Testing

/// Stage 3B, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct OrderFirstSteps {
  private let book = Order(item: "book", quantity: 1)
  private let lamps = Order(item: "lamp", quantity: 2)

  @Test func anOrderIsPlacedAndAnsweredWithItsID() throws {
    let cluster = try OrderCluster()
    let id = try #require(try cluster.place(lamps, for: "ana", key: "k1"))
    let order = try #require(try cluster.orders()?.first)
    #expect(order.id == id)
    #expect(order.user == "ana")
    #expect(order.order == lamps)
  }

  @Test func theSameAskedAgainIsTheSameOrder() throws {
    let cluster = try OrderCluster()
    let first = try cluster.ask(.place(user: "ana", key: "k1", book))
    let second = try cluster.ask(.place(user: "ana", key: "k1", book))
    #expect(first != nil)
    #expect(second == first)
    #expect(try cluster.orders()?.count == 1)
  }

  @Test func anotherOrderUnderTheKeyIsAConflict() throws {
    let cluster = try OrderCluster()
    _ = try #require(try cluster.place(book, for: "ana", key: "k1"))
    #expect(try cluster.ask(.place(user: "ana", key: "k1", lamps)) == .conflict)
    #expect(try cluster.orders()?.map(\.order) == [book])
  }

  @Test func anotherUsersKeyIsAnotherKey() throws {
    let cluster = try OrderCluster()
    let first = try #require(try cluster.place(book, for: "ana", key: "k1"))
    let second = try #require(try cluster.place(book, for: "ben", key: "k1"))
    #expect(first != second)
  }

  @Test func placedOrdersSurviveACrash() throws {
    let cluster = try OrderCluster()
    let id = try #require(try cluster.place(book, for: "ana", key: "k1"))
    try cluster.crash(cluster.service)
    try cluster.boot(cluster.service)
    #expect(try cluster.place(book, for: "ana", key: "k1") == id)
    #expect(try cluster.orders()?.map(\.id) == [id])
  }

  @Test func anEventComesIntoTheLogWithinASecond() throws {
    let cluster = try OrderCluster()
    _ = try #require(try cluster.place(book, for: "ana", key: "k1"))
    try cluster.advance(milliseconds: 1_000)
    let order = try #require(try cluster.orders()?.first)
    #expect(try cluster.published().contains(OrderEvent.placed(order).value))
  }

  @Test func anOrderPlacedWhileTheLogIsDownIsPublishedWhenItIsBack() throws {
    let cluster = try OrderCluster()
    try cluster.crash(cluster.log)
    _ = try #require(try cluster.place(book, for: "ana", key: "k1"))
    try cluster.advance(milliseconds: 1_000)
    try cluster.boot(cluster.log)
    try cluster.advance(milliseconds: 2_000)
    let order = try #require(try cluster.orders()?.first)
    #expect(try cluster.published().contains(OrderEvent.placed(order).value))
  }
}
