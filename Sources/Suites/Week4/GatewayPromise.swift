import Checkers
import LabKit
import Runner

/// 4C.promise: a monkey is at work, clients ask for pages all the time, and all seeds together say how well the gateway does.
struct GatewayPromise {
  private static let warmUpMilliseconds = 5_000
  static let lengthMilliseconds = 65_000
  private static let users = 40
  private static let healthy = InstanceMood(lagPermille: 20, lagMilliseconds: 250)

  /// What a gateway is judged by. The limits stand between designs: one that asks one after the other and hopes, one that asks
  /// another instance where one fails, one that lacks one of the patterns, and one that has them all.
  static let pool = Pool(
    property: "The gateway keeps its promise", leastSeeds: 50,
    quantities: [
      Pool.Quantity("whole pages, of 10,000", isToBeGreat: true) {
        $0.share("whole pages", of: "pages")
      },
      Pool.Quantity("fresh sections, of 10,000", isToBeGreat: true) {
        $0.share("fresh sections", of: "sections")
      },
      Pool.Quantity("ms for half of the pages") { milliseconds($0, permille: 500) },
      Pool.Quantity("ms for 99 % of the pages") { milliseconds($0, permille: 990) },
      Pool.Quantity("ms for 99.9 % of the pages") { milliseconds($0, permille: 999) },
      Pool.Quantity("asks for 100 sections") {
        $0.share("asks", of: "sections").map { ($0 + 99) / 100 }
      },
      Pool.Quantity("ms until a part is fresh again, 95 %") {
        $0.percentile("recovery", permille: 950)
      },
    ],
    bands: [
      Pool.Band(points: 2, [6_500, 8_000, nil, nil, nil, nil, nil]),
      Pool.Band(points: 2, [8_300, 9_200, 130, nil, nil, 150, nil]),
      Pool.Band(points: 3, [9_000, 9_300, 130, 330, nil, 120, 3_000]),
      Pool.Band(points: 3, [9_900, 9_600, 60, 265, 350, 110, 2_500]),
    ])

  private static func milliseconds(_ tally: Tally, permille: Int) -> Int? {
    tally.percentile("latency", permille: permille).map { ($0 + 999) / 1_000 }
  }

  private let trial: Trial
  private let clients: GatewayClients
  private(set) var monkey: ChaosMonkey

  init(_ trial: Trial) {
    self.trial = trial
    clients = GatewayClients(trial)
    monkey = ChaosMonkey(
      trial, targets: GatewayClients.instances, times: Self.warmUpMilliseconds..<Self.lengthMilliseconds,
      intervalMilliseconds: 2_000, percent: 10, lengthMilliseconds: 1_000...4_000, healthy: Self.healthy)
  }

  mutating func run() throws {
    try clients.start()
    clients.setMood(of: GatewayClients.instances, Self.healthy)
    var pages = 0
    while trial.nowMilliseconds < Self.lengthMilliseconds {
      monkey.act(in: clients, at: trial.nowMilliseconds)
      clients.ask(for: pages % Self.users)
      pages += 1
      try trial.advance(milliseconds: trial.choices.next(in: 20...80))
    }
    try clients.settle()
    count()
  }

  /// Every page that a client was told, in no order.
  var pages: [GatewayClients.Told] { Array(clients.told.values) }

  /// From when a part could be had again, after a while in which it could not, until a page showed it fresh; in milliseconds.
  var recoveries: [(part: PagePart, from: Int, to: Int)] {
    PagePart.allCases.flatMap { part in
      let fresh = pages.filter { $0.page[part].isFresh }.map(\.at).sorted()
      // Whoever rests for as long as may be has tried it again by then.
      let wellMilliseconds = GatewayBounds.restMilliseconds + 1_000
      return monkey.recoveries(of: part, wellMilliseconds: wellMilliseconds).compactMap { start in
        fresh.first { $0 >= start * 1_000 }.map { (part: part, from: start, to: $0 / 1_000) }
      }
    }
  }

  private func count() {
    var tally = Tally()
    for told in pages {
      let sections = PagePart.allCases.map { told.page[$0] }
      tally.add("pages")
      tally.add("sections", sections.count)
      tally.add("fresh sections", sections.count(where: \.isFresh))
      if !sections.contains(.missing) { tally.add("whole pages") }
      tally.note("latency", told.at - told.askedAt)
    }
    tally.add("asks", clients.asks)
    for (_, start, end) in recoveries { tally.note("recovery", end - start) }
    trial.tally = tally
  }
}
