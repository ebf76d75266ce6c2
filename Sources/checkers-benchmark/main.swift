// Prints how long the checking of histories takes: of recorded ones a line a file and a total, if a folder with a table
// of verdicts is named, and how time and memory grow with clients and length on histories made here.

import Checkers
import Foundation
import Histories

// MARK: - Measuring

func milliseconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

func rounded(_ number: Double) -> String { String(format: "%.3f", number) }

/// The most memory that the process has held, in MiB, since it was last asked.
func peakMebibytes() -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
  try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  return (line.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
}

/// The least and the median of some runs, in milliseconds.
func figures(_ times: [Double]) -> (least: Double, median: Double) {
  let sorted = times.sorted()
  return (sorted[0], sorted[sorted.count / 2])
}

func word(_ verdict: Verdict) -> String {
  switch verdict {
  case .holds: "Ok"
  case .violated: "Illegal"
  case .undecided: "Undecided"
  }
}

// MARK: - Recorded histories

func measureRecorded(in folder: URL, rounds: Int) throws {
  let table = try String(contentsOf: folder.appendingPathComponent("verdicts.tsv"), encoding: .utf8)
  var files: [(name: String, verdict: String, history: RecordedHistory, times: [Double])] = []
  for line in table.split(separator: "\n") {
    let fields = line.split(separator: "\t").map(String.init)
    let text = try String(contentsOf: folder.appendingPathComponent(fields[0]), encoding: .utf8)
    let isOfRegister = fields[0].hasPrefix("etcd/")
    let history = try RecordedHistory(
      text, named: fields[0], format: isOfRegister ? .etcd : .keyValue,
      model: isOfRegister ? .register : .keyValue)
    files.append((fields[0], fields[1], history, []))
  }
  var totals: [String: [Double]] = [:]
  for _ in 0..<rounds {
    var sums: [String: Double] = [:]
    for index in files.indices {
      var verdict = Verdict.holds
      let time = milliseconds(ContinuousClock().measure { verdict = files[index].history.check() })
      files[index].times.append(time)
      for group in [String(files[index].name.prefix { $0 != "/" }), "all"] { sums[group, default: 0] += time }
      if word(verdict) != files[index].verdict {
        print("wrong: \(files[index].name) is \(files[index].verdict)")
      }
    }
    for (group, sum) in sums { totals[group, default: []].append(sum) }
  }
  print("\(padded("file", 24))\(padded("verdict", 10))\(padded("least ms", 10))median of \(rounds)")
  for file in files {
    let (least, median) = figures(file.times)
    print(
      "\(padded(file.name, 24))\(padded(file.verdict, 10))\(padded(rounded(least), 10))\(rounded(median))")
  }
  for (group, times) in totals.sorted(by: { $0.key < $1.key }) {
    let (least, median) = figures(times)
    print("\(padded("total of \(group)", 34))\(padded(rounded(least), 10))\(rounded(median))")
  }
}

// MARK: - Histories made here

/// SplitMix64.
struct Generator {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((bits ^ (bits >> 31)) % UInt64(bound))
  }
}

/// Clients at work on an object that answers at a random moment within each operation; one operation in `lostIn`, if any,
/// is never heard of again.
func history<Model: SequentialModel>(
  of model: Model, clients: Int, operations: Int, lostIn: Int?,
  ask: (Int, inout Generator) -> Model.Input, answer: (Model.State, Model.Input) -> Model.Output
) throws -> History<Model.Input, Model.Output> {
  var generator = Generator(state: UInt64(clients * 100_000 + operations))
  var plans: [(moment: Int, call: Checkers.Operation<Model.Input, Model.Output>)] = []
  var times = Array(repeating: 0, count: clients)
  for number in 0..<operations {
    let client = number % clients
    let start = times[client] + 1 + generator.below(1_000)
    let end = start + 1 + generator.below(5_000)
    times[client] = end
    plans.append(
      (
        start + generator.below(end - start),
        .init(id: number, client: client, call: start, return: end, input: ask(number, &generator))
      ))
  }
  plans.sort { ($0.moment, $0.call.id) < ($1.moment, $1.call.id) }
  var states: [Model.Key?: Model.State] = [:]
  return try History(
    plans.map { _, call in
      var call = call
      let key = model.key(of: call.input)
      let state = states[key] ?? model.initial
      let output = answer(state, call.input)
      states[key] = model.step(state, call.input, returning: output) ?? state
      let isLost = lostIn.map { generator.below($0) == 0 } ?? false
      if !isLost { call.outcome = .ok(output) }
      return call
    })
}

/// What clients do, and what judges the history that they leave.
struct Workload {
  let name: String
  /// A history of so many clients and operations, ready to be judged.
  let prepare: (_ clients: Int, _ operations: Int, _ lostIn: Int?) throws -> () -> Verdict
}

func store(_ name: String, _ ask: @escaping (Int, inout Generator) -> KeyValueInput) -> Workload {
  Workload(name: name) { clients, operations, lostIn in
    let history = try history(
      of: KeyValueModel(), clients: clients, operations: operations, lostIn: lostIn, ask: ask
    ) { value, input in
      switch input {
      case .get: .value(value)
      case .compareAndSet(_, let expected, _): .swapped(value == expected)
      case .put, .append, .delete: .done
      }
    }
    return { Linearizability(KeyValueModel()).check(history) }
  }
}

func set(_ name: String, _ ask: @escaping (Int, inout Generator) -> SetInput) -> Workload {
  Workload(name: name) { clients, operations, lostIn in
    // The state of all elements together: some workloads ask for all members.
    struct WholeSet: SequentialModel {
      var initial: Set<String> { [] }
      func step(_ state: Set<String>, _ input: SetInput, returning output: SetOutput?) -> Set<String>? {
        SetModel().step(state, input, returning: output)
      }
    }
    let history = try history(
      of: WholeSet(), clients: clients, operations: operations, lostIn: lostIn, ask: ask
    ) { members, input in
      switch input {
      case .add(let element): .changed(!members.contains(element))
      case .remove(let element): .changed(members.contains(element))
      case .contains(let element): .contained(members.contains(element))
      case .members: .members(members)
      }
    }
    return { Linearizability(SetModel()).check(history) }
  }
}

func queue(_ name: String, _ ask: @escaping (Int, inout Generator) -> QueueInput) -> Workload {
  Workload(name: name) { clients, operations, lostIn in
    let history = try history(
      of: QueueModel(), clients: clients, operations: operations, lostIn: lostIn, ask: ask
    ) { elements, input in
      input == .dequeue ? .element(elements.first) : .done
    }
    return { Linearizability(QueueModel()).check(history) }
  }
}

func log(_ name: String, _ ask: @escaping (Int, inout Generator) -> LogInput) -> Workload {
  Workload(name: name) { clients, operations, lostIn in
    let history = try history(
      of: LogModel(), clients: clients, operations: operations, lostIn: lostIn, ask: ask
    ) { entries, input in
      switch input {
      case .append: .appended(at: entries.count)
      case .read(let offset): .entry(entries.indices.contains(offset) ? entries[offset] : nil)
      case .readAll: .entries(entries)
      }
    }
    return { Linearizability(LogModel()).check(history) }
  }
}

func eachValueOnce(_ number: Int, _ generator: inout Generator) -> KeyValueInput {
  generator.below(2) == 0 ? .get("x") : .put("x", "\(number)")
}

func fiveValues(_ number: Int, _ generator: inout Generator) -> KeyValueInput {
  switch generator.below(3) {
  case 0: .get("x")
  case 1: .put("x", "\(generator.below(5))")
  default: .compareAndSet("x", expected: "\(generator.below(5))", new: "\(generator.below(5))")
  }
}

func appends(_ number: Int, _ generator: inout Generator) -> KeyValueInput {
  let key = "\(generator.below(10))"
  return switch generator.below(20) {
  case 0..<9: .get(key)
  case 9: .put(key, "\(number) ")
  default: .append(key, "\(number) ")
  }
}

func twentyElements(_ number: Int, _ generator: inout Generator) -> SetInput {
  let element = "\(generator.below(20))"
  return switch generator.below(4) {
  case 0: .add(element)
  case 1: .remove(element)
  default: .contains(element)
  }
}

func allMembers(_ number: Int, _ generator: inout Generator) -> SetInput {
  generator.below(20) == 0 ? .members : twentyElements(number, &generator)
}

func eachElementOnce(_ number: Int, _ generator: inout Generator) -> QueueInput {
  generator.below(2) == 0 ? .dequeue : .enqueue("\(number)")
}

func fiveElements(_ number: Int, _ generator: inout Generator) -> QueueInput {
  generator.below(2) == 0 ? .dequeue : .enqueue("\(generator.below(5))")
}

func entries(_ number: Int, _ generator: inout Generator) -> LogInput {
  generator.below(2) == 0 ? .append("\(number)") : .read(at: generator.below(number + 1))
}

func wholeLogs(_ number: Int, _ generator: inout Generator) -> LogInput {
  generator.below(100) == 0 ? .readAll : entries(number, &generator)
}

func measureGrowth(rounds: Int, only words: String?) throws {
  let workloads = [
    store("one key, each value once", eachValueOnce),
    store("one key, five values, comparisons", fiveValues),
    store("ten keys, appends, some puts", appends),
    set("set of twenty", twentyElements),
    set("set, now and then all members", allMembers),
    queue("queue, each element once", eachElementOnce),
    queue("queue of five elements", fiveElements),
    log("log, read at offsets", entries),
    log("log, now and then read whole", wholeLogs),
  ]
  print(
    "\(padded("workload", 36))\(padded("clients", 9))\(padded("operations", 12))\(padded("verdict", 11))",
    terminator: "")
  print("\(padded("least ms", 10))\(padded("median of \(rounds)", 13))MiB more than before")
  for workload in workloads where words.map({ workload.name.contains($0) }) ?? true {
    for (name, lostIn) in [(workload.name, nil), ("the same, 1 in 20 lost", 20)] {
      for clients in [2, 5, 10, 20, 50] {
        for operations in [10, 100, 1_000, 10_000] {
          let judge = try workload.prepare(clients, operations, lostIn)
          var times: [Double] = []
          var verdict = Verdict.holds
          _ = peakMebibytes()
          let before = peakMebibytes()
          // What takes long is not measured often.
          while times.count < rounds, times.reduce(0, +) < 1_000 {
            times.append(milliseconds(ContinuousClock().measure { verdict = judge() }))
          }
          let more = max(0, peakMebibytes() - before)
          let (least, median) = figures(times)
          print(
            "\(padded(name, 36))\(padded("\(clients)", 9))\(padded("\(operations)", 12))\(padded(word(verdict), 11))"
              + "\(padded(rounded(least), 10))\(padded(rounded(median), 13))\(rounded(more))")
        }
      }
    }
  }
}

// checkers-benchmark [FOLDER [ROUNDS [WORDS]]]: WORDS choose the workloads with such a name; a FOLDER of - is none.
let arguments = Array(CommandLine.arguments.dropFirst())
let rounds = arguments.dropFirst().first.flatMap { Int($0) } ?? 21
if let folder = arguments.first, folder != "-" {
  try measureRecorded(in: URL(fileURLWithPath: folder), rounds: max(1, rounds))
  print("")
}
try measureGrowth(rounds: max(1, rounds / 4), only: arguments.count > 2 ? arguments[2] : nil)
