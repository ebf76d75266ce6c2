import Chaos
import LabKit
import Testing

/// Stage 4C, as far as you can see it: the suite of `lab test` knows more.
@Suite(.serialized) struct GatewayFirstSteps {
  @Test func aPageJoinsWhatThreeServicesSay() throws {
    let cluster = try GatewayCluster()
    let page = try #require(try cluster.ask("u1")?.page)
    #expect(page.freshParts == [.user, .orders, .payments])
    for part in PagePart.allCases {
      let answers = cluster.served.filter { $0.part == part && $0.user == "u1" }
      #expect(answers.contains { page[part] == .fresh($0.text) })
    }
  }

  @Test func allPartsAreAskedForAtOneTime() throws {
    let cluster = try GatewayCluster()
    try cluster.setMood(of: (1...6).map { NodeID($0) }, InstanceMood(takesMilliseconds: 60...60))
    let told = try #require(try cluster.ask("u1"))
    #expect(told.page.freshParts.count == 3)
    #expect(told.milliseconds <= 81)
  }

  @Test func pagesDoNotWaitForEachOther() throws {
    let cluster = try GatewayCluster()
    let requests = try ["u1", "u2", "u1"].map { try cluster.begin($0) }
    try cluster.advance(milliseconds: 150)
    for request in requests { #expect(cluster.page(of: request)?.freshParts.count == 3) }
  }

  @Test(arguments: [InstanceMood(.isSilent), InstanceMood(.fails), InstanceMood(.damages)])
  func theOtherInstanceIsAsked(_ mood: InstanceMood) throws {
    let cluster = try GatewayCluster()
    try cluster.setMood(of: PagePart.allCases.map { $0.instances[0] }, mood)
    for _ in 0..<8 {
      let page = try #require(try cluster.ask("u1")?.page)
      #expect(page.freshParts.count == 3)
      for part in PagePart.allCases {
        #expect(cluster.served.contains { page[part] == .fresh($0.text) && $0.part == part })
      }
    }
  }

  @Test func whatIsKeptIsMarked() throws {
    let cluster = try GatewayCluster()
    let before = try #require(try cluster.ask("u1")?.page)
    try cluster.setMood(of: PagePart.orders.instances, InstanceMood(.isSilent))
    let page = try #require(try cluster.ask("u1")?.page)
    #expect(page.freshParts == [.user, .payments])
    guard case .fresh(let text) = before.orders else {
      Issue.record("The first page shows its orders as \(before.orders).")
      return
    }
    #expect(page.orders == .kept(text))
  }

  @Test func whatWasNeverAnsweredIsMissing() throws {
    let cluster = try GatewayCluster()
    try cluster.setMood(of: PagePart.payments.instances, InstanceMood(.damages))
    let page = try #require(try cluster.ask("u1")?.page)
    #expect(page.freshParts == [.user, .orders])
    #expect(page.payments == .missing)
  }

  @Test func whoIsWellAgainIsAskedAgain() throws {
    let cluster = try GatewayCluster()
    try cluster.setMood(of: PagePart.user.instances, InstanceMood(.fails))
    for _ in 0..<20 { _ = try cluster.ask("u1") }
    try cluster.setMood(of: PagePart.user.instances, InstanceMood())
    try cluster.advance(milliseconds: GatewayBounds.restMilliseconds)
    for _ in 0..<2 { _ = try cluster.ask("u1") }
    #expect(try cluster.ask("u1")?.page.freshParts.count == 3)
  }
}
