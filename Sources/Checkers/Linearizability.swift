/// Judges whether a history looks as if each operation had taken effect at one instant between its call and its
/// return (Herlihy and Wing 1990, section 2).
///
/// The search is Wing and Gong's (1993), depth first, with Lowe's memory of the configurations it has been in and his
/// order, in which an operation is placed only when a return forces one (2017). Operations that may or may not have
/// happened are placed wherever that helps, or nowhere. Where each value is written once, and each element enqueued once,
/// there are faster ways (`UniqueValues`, `UniqueElements`): have workloads write unique values.
public struct Linearizability<Model: SequentialModel>: Sendable {
  /// What the object does when it is used by one client at a time.
  public let model: Model

  public init(_ model: Model) {
    self.model = model
  }

  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: History<Model.Input, Model.Output>, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget, judgedBy: search)
  }

  /// How many steps a judgement may take where nothing else is said: a few seconds.
  public static var standardBudget: Int { 50_000_000 }

  /// The memory is looked at that often.
  private static var sliceMax: Int { 1_000_000 }

  /// About what half a gigabyte holds.
  private static var configurationsMax: Int { 6_000_000 }

  /// Judges each object's part of the history with what `judge` makes for it.
  func search(
    _ history: History<Model.Input, Model.Output>, budget: Int,
    judgedBy judge: ([Operation<Model.Input, Model.Output>]) -> AnyLinearizationJudge
  ) -> Verdict {
    var open = split(history).map {
      ObjectHistory(model: model, name: $0.name, operations: $0.operations, judge: judge($0.operations))
    }
    var left = budget
    var slice = 1_000
    // Keys take turns, so that a hard one does not hide an easy contradiction in another.
    while !open.isEmpty {
      var isUnfinished: [Bool] = []
      for index in open.indices {
        guard left > 0 else {
          let unjudged = open[index...] + zip(open, isUnfinished).filter(\.1).map(\.0)
          return .undecided(reason: reason("budget of \(budget) steps", unjudged))
        }
        let before = open[index].judge.steps
        let end = open[index].judge.run(steps: min(slice, left))
        left -= open[index].judge.steps - before
        if end == .contradiction { return .violated(open[index].violation()) }
        isUnfinished.append(end == .unfinished)
      }
      open = zip(open, isUnfinished).filter(\.1).map(\.0)
      guard open.reduce(0, { $0 + $1.judge.configurations }) < Self.configurationsMax else {
        return .undecided(reason: reason("memory for \(Self.configurationsMax) configurations", open[...]))
      }
      slice = min(2 * slice, Self.sliceMax)
    }
    return .holds
  }

  /// The operations of each independent object, in the order in which they were first used, without those that failed:
  /// what never happened constrains nothing.
  private func split(
    _ history: History<Model.Input, Model.Output>
  ) -> [(name: String?, operations: [Operation<Model.Input, Model.Output>])] {
    var places: [Model.Key: Int] = [:]
    var parts: [(name: String?, operations: [Operation<Model.Input, Model.Output>])] = []
    for operation in history.operations {
      if case .failed = operation.outcome { continue }
      guard let key = model.key(of: operation.input) else {
        let live = history.operations.filter { if case .failed = $0.outcome { false } else { true } }
        return [(nil, live)]
      }
      if let place = places[key] {
        parts[place].operations.append(operation)
      } else {
        places[key] = parts.count
        parts.append(("\(key)", [operation]))
      }
    }
    return parts
  }

  private func reason(_ bound: String, _ open: ArraySlice<ObjectHistory<Model>>) -> String {
    let names = open.compactMap(\.name).map { "\"\($0)\"" }
    let subject = names.isEmpty ? "the history" : names.count == 1 ? "key \(names[0])" : "keys \(list(names))"
    return "The \(bound) ran out before \(subject) could be judged."
  }

  /// The search that any model can be judged by.
  @inline(__always)
  func search(_ operations: [Operation<Model.Input, Model.Output>]) -> AnyLinearizationJudge {
    let (object, timeline) = coded(operations)
    return judge(object, timeline)
  }

  func coded(
    _ operations: [Operation<Model.Input, Model.Output>]
  ) -> (ModelledObject<Model>, Timeline) {
    var object = ModelledObject(model)
    let kinds = operations.map { object.kind(of: $0.input, returning: $0.output) }
    return (object, Timeline(operations.map(\.interval), kinds: kinds, traits: object.traits))
  }
}

extension Operation {
  var interval: Interval { Interval(client: client, call: call, return: output == nil ? nil : `return`) }
}

/// The search over sets that are as large as they must be.
@inline(__always)
func judge(_ object: some CodedObject, _ timeline: Timeline) -> AnyLinearizationJudge {
  let isNarrow = max(Int(timeline.slots), timeline.optionals.count) <= OneWord.size
  return isNarrow
    ? AnyLinearizationJudge(LinearizationSearch<_, OneWord>(object, timeline))
    : AnyLinearizationJudge(LinearizationSearch<_, ManyWords>(object, timeline))
}
