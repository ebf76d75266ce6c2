import Checkers
import Testing

@Suite("Anomalies planted in long serial histories")
struct PlantedAnomalyTests {
  /// A history of a database that runs one transaction at a time, with some more transactions in the middle.
  private func planted<Step: SimulatedStep>(_ steps: [[Step]]) -> [Transaction<Step>] {
    let sound = generated(Step.self, 3_000, clients: 10)
    let call = sound[1_500].call
    let more = steps.enumerated().map { place, steps in
      Transaction(id: 100_000 + place, client: 100 + place, call: call, return: call + 500, steps: steps)
    }
    return more + sound
  }

  /// Transactions each of which makes for the next one, the last for the first.
  private func ring<Step>(_ length: Int, _ steps: (_ own: String, _ next: String) -> [Step]) -> [[Step]] {
    (0..<length).map { steps("ring\($0)", "ring\(($0 + 1) % length)") }
  }

  @Test("leave the rest of the history alone")
  func sound() throws {
    for level in IsolationLevel.allCases {
      #expect(try ListAppendIsolation(level).check(TransactionHistory(planted([[ListStep]]()))) == .holds)
      #expect(try RegisterIsolation(level).check(TransactionHistory(planted([[RegisterStep]]()))) == .holds)
    }
  }

  @Test("are found in lists as cycles of their own length", arguments: [2, 3, 10, 100])
  func lists(_ length: Int) throws {
    let cases: [(Anomaly.Kind, IsolationLevel, [[ListStep]])] = [
      (
        .circularInformationFlow, .readCommitted,
        ring(length) { [.append($0, 1), .read($1, [1])] }
      ),
      (.antiDependencyCycle, .serializable, ring(length) { [.read($0, []), .append($1, 1)] }),
      (
        .singleAntiDependency, .snapshotIsolation,
        ring(length) { own, next in
          let start: ListStep = own == "ring0" ? .append("extra", 1) : .read(own, [1])
          return [start, next == "ring0" ? .read("extra", []) : .append(next, 1)]
        }
      ),
    ]
    for (kind, level, steps) in cases {
      let history = try TransactionHistory(planted(steps))
      let anomaly = try #require(ListAppendIsolation(level).anomalies(in: history).first)
      #expect(anomaly.kind == kind && anomaly.level == level)
      #expect(Set(anomaly.transactions) == Set((0..<length).map { 100_000 + $0 }))
      expectCycle(anomaly)
    }
  }

  @Test("are found in registers as cycles of their own length", arguments: [2, 3, 10, 100])
  func registers(_ length: Int) throws {
    let cases: [(Anomaly.Kind, IsolationLevel, [[RegisterStep]])] = [
      (
        .circularInformationFlow, .readCommitted,
        ring(length) { [.write($0, 1), .read($1, 1)] }
      ),
      (.antiDependencyCycle, .serializable, ring(length) { [.read($0, nil), .write($1, 1)] }),
      (
        .singleAntiDependency, .snapshotIsolation,
        ring(length) { own, next in
          let start: RegisterStep = own == "ring0" ? .write("extra", 1) : .read(own, 1)
          return [start, next == "ring0" ? .read("extra", nil) : .write(next, 1)]
        }
      ),
    ]
    for (kind, level, steps) in cases {
      let history = try TransactionHistory(planted(steps))
      let anomaly = try #require(RegisterIsolation(level).anomalies(in: history).first)
      #expect(Set(anomaly.transactions) == Set((0..<length).map { 100_000 + $0 }))
      // With two transactions a read skew is a fractured read.
      let isFractured = length == 2 && kind == .singleAntiDependency
      #expect(anomaly.kind == (isFractured ? .fracturedRead : kind))
      expectCycle(anomaly)
    }
  }

  @Test("are found where every transaction is part of one great tangle")
  func tangle() throws {
    // Each transaction reads its own key before its neighbours' writes to it: cycles everywhere.
    let steps: [[ListStep]] = ring(20_000) { [.read($0, []), .read($1, []), .append($0, 1), .append($1, 2)] }
    let anomalies = try ListAppendIsolation(.serializable).anomalies(in: TransactionHistory(planted(steps)))
    #expect(anomalies.map(\.kind).contains(.lostUpdate))
  }

  private func expectCycle(_ anomaly: Anomaly) {
    for (place, edge) in anomaly.cycle.enumerated() {
      #expect(edge.from == anomaly.transactions[place])
      #expect(edge.to == anomaly.transactions[(place + 1) % anomaly.transactions.count])
    }
  }
}
