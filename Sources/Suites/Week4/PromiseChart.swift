import LabKit
import Runner

/// The chart of stage 4C: one run of 4C.promise from its beginning to its end, with the faults as spans.
enum PromiseChart {
  static let plan = ChartPlan("what becomes of your gateway's pages while the monkey is at work") { runner in
    runner.observe("4C.chart", program: "gateway") { trial in
      var promise = GatewayPromise(trial)
      try promise.run()
      return chart(promise)
    }
  }

  private static func chart(_ promise: GatewayPromise) -> Chart {
    let pages = promise.pages
    let seconds = GatewayPromise.lengthMilliseconds / 1_000
    var bySecond: [[GatewayClients.Told]] = Array(repeating: [], count: seconds)
    for page in pages where bySecond.indices.contains(page.askedAt / 1_000_000) {
      bySecond[page.askedAt / 1_000_000].append(page)
    }
    func curve(
      _ title: String, scale: Double, isLowBad: Bool = false, _ value: ([GatewayClients.Told]) -> Double
    ) -> Chart.Curve {
      Chart.Curve(
        title, bySecond.map { $0.isEmpty ? nil : value($0) }, scale: scale, isLowBad: isLowBad)
    }
    func percent(_ pages: [GatewayClients.Told], _ isCounted: (Section) -> Bool) -> Double {
      let sections = pages.flatMap { page in PagePart.allCases.map { page.page[$0] } }
      return Double(sections.count(where: isCounted) * 100) / Double(sections.count)
    }
    return Chart(
      title: "4C The gateway keeps its promise",
      setting:
        "One run of 4C.promise: \(pages.count) pages in \(seconds) s, while a monkey is at work on six instances.",
      timelines: [
        Chart.Timeline(
          title: "What was broken, and what clients saw",
          remark:
            "While one instance of a service is in trouble its clients should see hardly anything; while both are, what is kept, at once. How long does it take until all is fresh again?",
          seconds: seconds, lanes: lanes(promise.monkey) + [recoveries(promise)],
          curves: [
            curve("fresh sections, %", scale: 100, isLowBad: true) { percent($0, \.isFresh) },
            curve("missing sections, %", scale: 100) { percent($0) { $0 == .missing } },
            curve("median page, ms", scale: 500) { Double(milliseconds($0)[$0.count / 2]) },
            curve("slowest page, ms", scale: 500) { Double(milliseconds($0).last ?? 0) },
          ])
      ])
  }

  /// How long pages took, the quickest first.
  private static func milliseconds(_ pages: [GatewayClients.Told]) -> [Int] {
    pages.map { ($0.at - $0.askedAt) / 1_000 }.sorted()
  }

  private static func lanes(_ monkey: ChaosMonkey) -> [Chart.Lane] {
    PagePart.allCases.flatMap { part in
      part.instances.map { instance in
        Chart.Lane(
          "\(part), n\(instance.number)",
          monkey.strikes.filter { $0.instance == instance.number }.map { strike in
            Chart.Span(
              start: Double(strike.from) / 1_000, end: Double(strike.to) / 1_000,
              words: "n\(instance.number) \(words(strike.fault)), from \(strike.from) to \(strike.to) ms")
          })
      }
    }
  }

  /// From the moment at which a part could be had again until a page shows it.
  private static func recoveries(_ promise: GatewayPromise) -> Chart.Lane {
    Chart.Lane(
      "well, and not yet fresh",
      promise.recoveries.map { part, from, to in
        Chart.Span(
          start: Double(from) / 1_000, end: Double(to) / 1_000,
          words: "\(part) can be had again, and comes after \(to - from) ms")
      })
  }

  private static func words(_ fault: ChaosMonkey.Fault) -> String {
    switch fault {
    case .kill: "is dead"
    case .slow: "is slow"
    case .cut: "is cut off"
    case .damage: "is damaged on the way"
    case .fail: "fails"
    case .hush: "says nothing"
    }
  }
}
