import LabKit
import Runner

/// The chart of stage 2B: the student's ring beside ranges and a directory, on the same keys.
///
/// The store has grown: a node came for each thousand keys, and the keys came in their order, as numbers of orders do. Then
/// one more node comes, and an old one goes.
public struct ShardingChart: Sendable {
  static let keys = KeyRange(first: 100_000, count: 10_000)
  static let nodes = Array(1...10)
  static let (comer, goer) = (11, 3)
  /// The part of the keys that is newest: one in so many.
  static let newestPart = 10
  static let scanLength = 100

  /// Who owns each key of `keys`, in their order: before anything moves, after a node has come, after another has gone.
  public struct Owners: Sendable, Hashable {
    public let before: [Int]
    public let afterComing: [Int]
    public let afterGoing: [Int]

    public init(before: [Int], afterComing: [Int], afterGoing: [Int]) {
      self.before = before
      self.afterComing = afterComing
      self.afterGoing = afterGoing
    }
  }

  /// One way to place the keys, and what came of it.
  struct Contender: Sendable {
    let name: String
    let owners: Owners
    /// How many entries everybody must know.
    let entries: Int
  }

  static let plan = ChartPlan("your ring beside ranges and a directory, on the same keys") { runner in
    let hash = PlacementHash(seed: runner.baseSeed)
    return runner.observe("2B.chart", program: "placement") { try ring($0, hash: hash) }
      .map { chart(ring: $0, hash: hash) }
  }

  // MARK: The four placements

  /// The student's own ring, asked through its probe.
  private static func ring(_ trial: Trial, hash: PlacementHash) throws -> Owners {
    let run = try PlacementRun(trial, keys, hash: hash)
    try run.add(nodes)
    let before = try run.owners()
    try run.add(comer)
    let afterComing = try run.owners()
    try run.remove(goer)
    return Owners(before: before, afterComing: afterComing, afterGoing: try run.owners())
  }

  /// A table that grew with the keys.
  private static func table<Value: TablePlacement>(_ name: String, _ type: Value.Type, hash: PlacementHash)
    -> Contender
  {
    var placement = Value(hash: hash)
    let keysForEachNode = keys.count / nodes.count
    for (position, key) in keys.keys.enumerated() {
      if position % keysForEachNode == 0 {
        placement.add(NodeID(nodes[position / keysForEachNode]), weight: 1)
      }
      placement.insert(key)
    }
    let entries = placement.entryCount
    return Contender(name: name, owners: owners(of: placement), entries: entries)
  }

  private static func owners(of grown: some Placement) -> Owners {
    var placement = grown
    func now() -> [Int] { keys.keys.map { placement.owner(of: $0)?.number ?? 0 } }
    let before = now()
    placement.add(NodeID(comer), weight: 1)
    let afterComing = now()
    placement.remove(NodeID(goer))
    return Owners(before: before, afterComing: afterComing, afterGoing: now())
  }

  /// The hash of the key modulo the number of nodes: what the ring is there to spare us.
  private static func modulo(hash: PlacementHash) -> Contender {
    func owners(among nodes: [Int]) -> [Int] {
      keys.keys.map { nodes[Int(hash($0) % UInt64(nodes.count))] }
    }
    let after = nodes + [comer]
    return Contender(
      name: "hash % nodes",
      owners: Owners(
        before: owners(among: nodes), afterComing: owners(among: after),
        afterGoing: owners(among: after.filter { $0 != goer })),
      entries: nodes.count)
  }

  // MARK: The chart

  /// The chart for a ring that owns these keys.
  public static func chart(ring owners: Owners, hash: PlacementHash = PlacementHash()) -> Chart {
    let ring = Contender(name: "your ring", owners: owners, entries: nodes.count)
    let contenders = [
      ring, table("ranges", RangePlacement.self, hash: hash),
      table("directory", DirectoryPlacement.self, hash: hash),
    ]
    let all = contenders + [modulo(hash: hash)]
    let (first, last) = (KeyRange.key(keys.first), KeyRange.key(keys.first + keys.count - 1))
    return Chart(
      title: "2B Placement: hashes, ranges, a directory",
      setting:
        "\(grouped(keys.count)) keys, \(first) to \(last), written in this order. A node came for each "
        + "\(grouped(keys.count / nodes.count)) of them.",
      panels: [held(contenders), moved(all), asked(all)])
  }

  private static func held(_ contenders: [Contender]) -> Chart.Panel {
    let newest = keys.count / newestPart
    let bars = nodes.map { node in
      Chart.Row(
        "n\(node)",
        contenders.map { contender in
          let count = contender.owners.before.count { $0 == node }
          let new = contender.owners.before.suffix(newest).count { $0 == node }
          return .bar(Double(count - new), Double(new), words: grouped(count))
        })
    }
    let fullest = contenders.map { contender in
      Chart.Cell.words("\(fullestPercent(contender.owners.before, among: nodes.count)) % of the mean")
    }
    let hottest = contenders.map { contender in
      let most = counts(contender.owners.before.suffix(newest)).values.max() ?? 0
      return Chart.Cell.words("\(percent(most, of: newest)) % on one node")
    }
    return Chart.Panel(
      title: "Keys that each node holds",
      remark: "Who writes the newest keys? With ranges one node takes them all, and the others rest.",
      parts: ["older keys", "the newest \(percent(1, of: newestPart)) %"],
      columns: contenders.map(\.name),
      rows: bars + [Chart.Row("fullest", fullest), Chart.Row("newest", hottest)], sharesScale: true)
  }

  private static func moved(_ contenders: [Contender]) -> Chart.Panel {
    let rows = contenders.map { contender in
      let owners = contender.owners
      let comes = changes(owners.before, owners.afterComing) { $1 == comer }
      let goes = changes(owners.afterComing, owners.afterGoing) { old, _ in old == goer }
      let fullest = fullestPercent(owners.afterGoing, among: nodes.count)
      return Chart.Row(
        contender.name,
        [bar(comes), bar(goes), .words("\(fullest) % of the mean")])
    }
    let share = keys.count / (nodes.count + 1)
    return Chart.Panel(
      title: "Keys that move when nodes change",
      remark:
        "A fair share for n\(comer) is \(grouped(share)) keys. Who takes over what n\(goer) held: one, or all?",
      parts: ["to the node that came, from the node that went", "between others, for nothing"],
      columns: ["n\(comer) comes", "then n\(goer) goes", "the fullest then"], rows: rows)
  }

  private static func asked(_ contenders: [Contender]) -> Chart.Panel {
    let rows = contenders.map { contender in
      let tenths = scannedTenths(contender.owners.before)
      return Chart.Row(
        contender.name,
        [
          .bar(Double(tenths), words: "\(tenths / 10).\(tenths % 10)"),
          .bar(Double(contender.entries), words: grouped(contender.entries)),
        ])
    }
    return Chart.Panel(
      title: "What asking costs",
      remark:
        "Hashing tears neighbours apart: a scan asks everybody. A directory must list each key.",
      columns: ["nodes that a scan of \(scanLength) asks", "entries to know"], rows: rows)
  }

  private static func bar(_ moved: (needed: Int, idle: Int)) -> Chart.Cell {
    .bar(Double(moved.needed), Double(moved.idle), words: grouped(moved.needed + moved.idle))
  }

  // MARK: Figures

  /// How many keys changed hands: those that had to, and those that did so for nothing.
  private static func changes(
    _ before: [Int], _ after: [Int], isNeeded: (_ old: Int, _ new: Int) -> Bool
  ) -> (needed: Int, idle: Int) {
    let moved = zip(before, after).filter { $0 != $1 }
    let needed = moved.count { isNeeded($0.0, $0.1) }
    return (needed, moved.count - needed)
  }

  private static func counts(_ owners: some Sequence<Int>) -> [Int: Int] {
    owners.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func fullestPercent(_ owners: [Int], among nodes: Int) -> Int {
    percent((counts(owners).values.max() ?? 0) * nodes, of: owners.count)
  }

  /// The nodes that hold a run of neighbouring keys, in tenths of a node, on average over all such runs.
  private static func scannedTenths(_ owners: [Int]) -> Int {
    let starts = 0...max(0, owners.count - scanLength)
    let asked = starts.reduce(0) { $0 + Set(owners[$1...].prefix(scanLength)).count }
    return (asked * 10 + starts.count / 2) / starts.count
  }

  /// Rounded.
  private static func percent(_ part: Int, of whole: Int) -> Int {
    whole == 0 ? 0 : (part * 100 + whole / 2) / whole
  }

  /// A number with its thousands apart: 10,000.
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    let groups = stride(from: digits.count % 3 == 0 ? 0 : digits.count % 3 - 3, to: digits.count, by: 3)
    return groups.map { String(digits[max(0, $0)..<($0 + 3)]) }.joined(separator: ",")
  }
}
