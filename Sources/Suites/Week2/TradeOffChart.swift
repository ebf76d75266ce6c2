import LabKit
import Runner

/// The chart of stage 2G: what the student's own store costs and what it gives for each R and W and in its linearizable mode,
/// in a partition and without one (Abadi, 2012, "PACELC").
public struct TradeOffChart: Sendable {
  /// A way to ask.
  struct Mode: Sendable {
    let name: String
    let read: Quorum
    let write: Quorum
  }

  /// What came of it.
  public struct Figures: Sendable, Hashable {
    /// The median, where one replica is far away; nil if nothing was answered.
    public var getMilliseconds: Int?
    public var putMilliseconds: Int?
    /// In a partition, how many per cent of the requests on the side with two of the three replicas succeeded, and on that
    /// with one.
    public var manyPercent = 0
    public var fewPercent = 0
    /// Reads while a write is under way, how many of them miss one that was finished before, and how many return something
    /// older than a read before them.
    public var reads = 0
    public var stale = 0
    public var backward = 0

    public init() {}
  }

  static let modes = [
    Mode(name: "R = 1, W = 1", read: .strict(1), write: .strict(1)),
    Mode(name: "R = 1, W = 3", read: .strict(1), write: .strict(3)),
    Mode(name: "R = 2, W = 2", read: .strict(2), write: .strict(2)),
    Mode(name: "R = 3, W = 1", read: .strict(3), write: .strict(1)),
    Mode(name: "linearizable", read: .linearizable, write: .linearizable),
  ]
  static let nodes = 5
  static let farMilliseconds = 60
  static let requests = 100

  static let plan = ChartPlan("what your store costs and gives, for each R and W (PACELC)") { runner in
    var rows: [(name: String, figures: Figures?)] = []
    for mode in modes {
      switch runner.observe(
        "2G.chart", program: "store", nodes: nodes, { try TradeOffRun($0, mode).figures() })
      {
      case .made(let figures): rows.append((mode.name, figures))
      // The last mode may be still to be written.
      case .prevented(.notImplemented, _) where mode.read == .linearizable: rows.append((mode.name, nil))
      case .prevented(let outcome, let message): return .prevented(outcome, message: message)
      }
    }
    return .made(chart(rows))
  }

  /// The chart of these figures; nil for a mode that is not written yet.
  public static func chart(_ rows: [(name: String, figures: Figures?)]) -> Chart {
    func row(_ name: String, _ figures: Figures?, _ cells: (Figures) -> [Chart.Cell]) -> Chart.Row {
      Chart.Row(name, figures.map(cells) ?? [.words("not yet"), .words("not yet")])
    }
    return Chart(
      title: "2G Trade-offs: PACELC",
      setting:
        "\(nodes) nodes, three replicas, one of them \(farMilliseconds) ms away. \(requests) gets and \(requests) puts for each "
        + "mode; then a partition; then late messages.",
      panels: [
        Chart.Panel(
          title: "Else: how long a request takes",
          remark: "The median, in ms. Who waits for the far replica?", columns: ["a get", "a put"],
          rows: rows.map { name, figures in
            row(name, figures) { [time($0.getMilliseconds), time($0.putMilliseconds)] }
          }, sharesScale: true),
        Chart.Panel(
          title: "In a partition: who is still answered",
          remark: "Gets and puts that succeed. Which mode leaves nobody without an answer?",
          columns: ["beside two replicas", "beside one"],
          rows: rows.map { name, figures in
            row(name, figures) { [share($0.manyPercent), share($0.fewPercent)] }
          }, sharesScale: true),
        Chart.Panel(
          title: "What readers see while writes are under way",
          remark: "The price of a fast answer; and what R + W > N alone does not prevent.",
          columns: ["miss a finished put", "go back behind a get"],
          rows: rows.map { name, figures in
            row(name, figures) { [count($0.stale, of: $0.reads), count($0.backward, of: $0.reads)] }
          }, sharesScale: true),
      ])
  }

  private static func time(_ milliseconds: Int?) -> Chart.Cell {
    milliseconds.map { .bar(Double($0), words: "\($0) ms") } ?? .words("no answer")
  }

  private static func share(_ percent: Int) -> Chart.Cell { .bar(Double(percent), words: "\(percent) %") }

  private static func count(_ part: Int, of whole: Int) -> Chart.Cell {
    .bar(Double(part), words: "\(part) of \(whole)")
  }
}

/// One mode of a store, measured.
private final class TradeOffRun {
  private let trial: Trial
  private let mode: TradeOffChart.Mode
  private let key = StoreClients.key(0)
  private var holders: [Int] = []
  private var context = CausalContext.none
  private var written = 0

  init(_ trial: Trial, _ mode: TradeOffChart.Mode) {
    self.trial = trial
    self.mode = mode
  }

  func figures() throws -> TradeOffChart.Figures {
    trial.boot(trial.nodes)
    try trial.advance(milliseconds: 1)
    holders = try locate()
    var figures = TradeOffChart.Figures()
    try measureTime(&figures)
    try measurePartition(&figures)
    try measureReads(&figures)
    return figures
  }

  private func locate() throws -> [Int] {
    let (_, reply) = try wait(for: trial.request(StoreRequest.locate(key), to: 1))
    guard case .replicas(let nodes)? = reply else { throw NotExercised("n1 did not say where a key lies") }
    return nodes.map(\.number)
  }

  // MARK: The three parts

  private func measureTime(_ figures: inout TradeOffChart.Figures) throws {
    keepFar(holders[0], TradeOffChart.farMilliseconds)
    let near = trial.nodes.filter { $0 != holders[0] }
    var times: (gets: [Int], puts: [Int]) = ([], [])
    for _ in 0..<TradeOffChart.requests {
      if let time = try put(through: trial.choices.element(of: near)) { times.puts.append(time) }
      if let time = try get(through: trial.choices.element(of: near)) { times.gets.append(time) }
    }
    figures.getMilliseconds = median(times.gets)
    figures.putMilliseconds = median(times.puts)
    trial.setAllLinks(LinkProfile())
  }

  private func measurePartition(_ figures: inout TradeOffChart.Figures) throws {
    let few = [holders[0]] + trial.nodes.filter { !holders.contains($0) }.prefix(1)
    let many = trial.nodes.filter { !few.contains($0) }
    trial.partition([few, many])
    func percent(_ side: [Int]) throws -> Int {
      var succeeded = 0
      let rounds = TradeOffChart.requests / 4
      for _ in 0..<rounds {
        if try put(through: trial.choices.element(of: side)) != nil { succeeded += 1 }
        if try get(through: trial.choices.element(of: side)) != nil { succeeded += 1 }
      }
      return succeeded * 100 / (2 * rounds)
    }
    figures.manyPercent = try percent(many)
    figures.fewPercent = try percent(few)
    trial.heal()
    try trial.advance(milliseconds: StoreBounds.answerMilliseconds)
  }

  /// One client writes, one write after the other; four read all the time, and messages come late.
  private func measureReads(_ figures: inout TradeOffChart.Figures) throws {
    // What came before is known to all, by the widest request that there is.
    _ = try wait(for: trial.request(StoreRequest.get(key, .strict(holders.count)), to: holders[0]))
    try trial.advance(milliseconds: StoreBounds.answerMilliseconds)
    trial.setAllLinks(
      LinkProfile(delayMicroseconds: 1_000...150_000, lossPartsPerMillion: 100_000))
    var write: (request: Int, number: Int, end: Int)?
    var reads: [(request: Int, floor: Int, seen: Int, end: Int)] = []
    var (finished, seen) = (0, 0)
    while figures.reads < 4 * TradeOffChart.requests {
      if let open = write, trial.replies[open.request] != nil || trial.nowMilliseconds > open.end {
        if reply(to: open.request) == .stored { finished = open.number }
        write = nil
      }
      if write == nil {
        let request = send(through: trial.choices.element(of: Array(trial.nodes)))
        write = (request, written, trial.nowMilliseconds + StoreBounds.answerMilliseconds)
      }
      for read in reads where trial.replies[read.request] != nil {
        guard case .found(let versions, let context)? = reply(to: read.request) else { continue }
        let newest = versions.map(\.write.number).max() ?? 0
        figures.reads += 1
        if newest < read.floor { figures.stale += 1 }
        if newest < read.seen { figures.backward += 1 }
        if newest >= seen { (seen, self.context) = (newest, context) }
      }
      reads.removeAll { trial.replies[$0.request] != nil || trial.nowMilliseconds > $0.end }
      while reads.count < 4 {
        let request = trial.request(
          StoreRequest.get(key, mode.read), to: trial.choices.element(of: Array(trial.nodes)), client: 2)
        reads.append((request, finished, seen, trial.nowMilliseconds + StoreBounds.answerMilliseconds))
      }
      guard trial.nowMilliseconds < 600_000 else { return }
      try trial.advance(untilReplyOrMilliseconds: 50)
    }
  }

  // MARK: Asking

  private func send(through node: Int) -> Int {
    written += 1
    let version = StoreVersion(WriteID(client: 1, number: written), "v\(written)")
    return trial.request(StoreRequest.put(key, version, context, mode.write), to: node)
  }

  /// How long a put took; nil if it did not succeed.
  private func put(through node: Int) throws -> Int? {
    let (time, reply) = try wait(for: send(through: node))
    return reply == .stored ? time : nil
  }

  /// How long a get took; nil if it did not succeed.
  private func get(through node: Int) throws -> Int? {
    let (time, reply) = try wait(for: trial.request(StoreRequest.get(key, mode.read), to: node))
    guard case .found(_, let context)? = reply else { return nil }
    self.context = context
    return time
  }

  private func wait(for request: Int) throws -> (milliseconds: Int, reply: StoreReply?) {
    let start = trial.nowMicroseconds
    _ = try trial.advance(
      until: { self.trial.replies[request] != nil }, withinMilliseconds: StoreBounds.answerMilliseconds)
    guard let found = trial.replies[request] else { return (StoreBounds.answerMilliseconds, nil) }
    return ((found.timeMicroseconds - start) / 1_000, reply(to: request))
  }

  private func reply(to request: Int) -> StoreReply? {
    trial.replies[request].flatMap { try? StoreReply(wireBytes: $0.body) }
  }

  private func median(_ times: [Int]) -> Int? {
    times.isEmpty ? nil : times.sorted()[times.count / 2]
  }

  private func keepFar(_ node: Int, _ milliseconds: Int) {
    let profile = LinkProfile(delayMicroseconds: (milliseconds * 1_000)...(milliseconds * 1_000 + 5_000))
    for other in trial.nodes where other != node {
      trial.command(.setLink(from: node, to: other, profile))
      trial.command(.setLink(from: other, to: node, profile))
    }
  }
}
