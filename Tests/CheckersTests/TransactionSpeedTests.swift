import Checkers
import Foundation
import Testing

@Suite(
  "The speed of the isolation checkers",
  .enabled(if: ProcessInfo.processInfo.environment["LAB_BENCH"] != nil, "set LAB_BENCH to measure"),
  .serialized)
struct TransactionSpeedTests {
  @Test(
    "list-append is printed for a growing number of transactions", arguments: [10_000, 100_000, 1_000_000])
  func listAppend(_ count: Int) throws {
    let transactions = generated(ListStep.self, count, clients: 20)
    for level in [IsolationLevel.strictSerializable, .serializable, .snapshotIsolation, .readAtomic] {
      try measure("list-append", level, transactions) { given in
        let history = try TransactionHistory(given)
        return { ListAppendIsolation(level).check(history) }
      }
    }
  }

  @Test("list-append is printed for a growing number of clients", arguments: [2, 10, 50, 200])
  func clients(_ clients: Int) throws {
    let level = IsolationLevel.strictSerializable
    try measure("list-append, \(clients) clients", level, generated(ListStep.self, 100_000, clients: clients))
    {
      let history = try TransactionHistory($0)
      return { ListAppendIsolation(level).check(history) }
    }
  }

  @Test("registers are printed for a growing number of transactions", arguments: [10_000, 100_000])
  func registers(_ count: Int) throws {
    let transactions = generated(RegisterStep.self, count, clients: 20)
    for level in [IsolationLevel.strictSerializable, .snapshotIsolation, .causal] {
      try measure("registers", level, transactions) { given in
        let history = try TransactionHistory(given)
        return { RegisterIsolation(level).check(history) }
      }
    }
    try measure("registers, sequential consistency", .strongSessionSerializable, transactions) { given in
      let history = try TransactionHistory(given)
      return { SequentialConsistency().check(history) }
    }
  }

  private func measure<Step>(
    _ title: String, _ level: IsolationLevel, _ transactions: [Transaction<Step>],
    _ prepare: ([Transaction<Step>]) throws -> () -> Verdict
  ) throws {
    var check: () -> Verdict = { .holds }
    var verdict = Verdict.holds
    let reading = try measured { check = try prepare(transactions) }
    let checking = measured { verdict = check() }
    print(
      """
      \(title), \(level.rawValue): \(transactions.count) transactions, numbering \(reading / 1_000) ms, checking \
      \(checking / 1_000) ms, \(transactions.count * 1_000_000 / max(1, reading + checking)) a second, peak memory \(peakMemory()) MB
      """)
    #expect(verdict == .holds)
  }

  /// The processor's time in microseconds, which other work on the machine changes little.
  private func measured(_ body: () throws -> Void) rethrows -> Int {
    func now() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
    let start = now()
    try body()
    return now() - start
  }

  /// The most memory that the process has held so far.
  private func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
  }
}

/// A long history of a database that runs one transaction at a time, each at some moment between call and return.
///
/// Ten keys are in use at a time, each for 32 writes; a transaction has 2 to 6 steps.
func generated<Step: SimulatedStep>(_: Step.Type, _ count: Int, clients: Int) -> [Transaction<Step>] {
  var generator = Generator(seed: 7)
  var state: [String: [Int]] = [:]
  var keys = (0..<10).map { "key\($0)" }
  var (writes, created) = (Array(repeating: 0, count: keys.count), keys.count)
  var free = Array(repeating: 0, count: clients)
  var value = 0
  return (0..<count).map { id in
    let moment = 100 * id
    // A client that is free at this moment, or else waits until the end of its last transaction.
    let client = id % clients
    let steps = (0..<(2 + generator.below(5))).map { _ in
      let slot = generator.below(keys.count)
      value += 1
      let step = Step.random(keys[slot], value, reads: generator.below(2) == 0).answered(by: state)
      _ = step.apply(to: &state)
      if step.written != nil { writes[slot] += 1 }
      if writes[slot] == 32 {
        state[keys[slot]] = nil
        (keys[slot], writes[slot]) = ("key\(created)", 0)
        created += 1
      }
      return step
    }
    let call = max(free[client], moment - generator.below(50 * clients))
    free[client] = moment + generator.below(50 * clients)
    return Transaction(id: id, client: client, call: call, return: free[client], steps: steps)
  }
}
