/// Judges whether a history looks as if each operation had taken effect at one instant between its call and its
/// return (Herlihy and Wing 1990, section 2).
///
/// The search is Wing and Gong's (1993), depth first, with Lowe's memory of the configurations it has been in and his
/// order, in which an operation is placed only when a return forces one (2017). Operations that may or may not have
/// happened are placed wherever that helps, or nowhere.
public struct Linearizability<Model: SequentialModel>: Sendable {
  /// What the object does when it is used by one client at a time.
  public let model: Model

  public init(_ model: Model) {
    self.model = model
  }

  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: History<Model.Input, Model.Output>, budget: Int = 10_000_000) -> Verdict {
    search(history, budget: budget)
  }

  private func search(_ history: History<Model.Input, Model.Output>, budget: Int) -> Verdict {
    var open = searches(of: history)
    var left = budget
    var slice = 1_000
    // Keys take turns, so that a hard one does not hide an easy contradiction in another.
    while !open.isEmpty {
      var unfinished: [LinearizationSearch<Model>] = []
      for index in open.indices {
        guard left > 0 else { return .undecided(reason: reason(budget, open[index...] + unfinished)) }
        let before = open[index].steps
        let end = open[index].run(steps: min(slice, left))
        left -= open[index].steps - before
        switch end {
        case .linearizable: break
        case .contradiction: return .violated(open[index].violation())
        case .unfinished: unfinished.append(open[index])
        }
      }
      open = unfinished
      slice *= 2
    }
    return .holds
  }

  /// A search for each independent object, in the order in which they were first used.
  private func searches(of history: History<Model.Input, Model.Output>) -> [LinearizationSearch<Model>] {
    var places: [Model.Key: Int] = [:]
    var parts: [(name: String?, operations: [Operation<Model.Input, Model.Output>])] = []
    for operation in history.operations {
      // What never happened constrains nothing.
      if case .failed = operation.outcome { continue }
      guard let key = model.key(of: operation.input) else {
        return [LinearizationSearch(model, history.operations, of: nil)]
      }
      if let place = places[key] {
        parts[place].operations.append(operation)
      } else {
        places[key] = parts.count
        parts.append(("\(key)", [operation]))
      }
    }
    return parts.map { LinearizationSearch(model, $0.operations, of: $0.name) }
  }

  private func reason(_ budget: Int, _ open: ArraySlice<LinearizationSearch<Model>>) -> String {
    let names = open.compactMap(\.name).map { "\"\($0)\"" }
    let subject = names.isEmpty ? "the history" : names.count == 1 ? "key \(names[0])" : "keys \(list(names))"
    return "The budget of \(budget) steps ran out before \(subject) could be judged."
  }
}

// Calls from other modules find generic code that was not specialised, which is five times slower; these were.

extension Linearizability where Model == KeyValueModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: KeyValueHistory, budget: Int = 10_000_000) -> Verdict {
    search(history, budget: budget)
  }
}

extension Linearizability where Model == RegisterModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: History<RegisterInput, RegisterOutput>, budget: Int = 10_000_000) -> Verdict {
    search(history, budget: budget)
  }
}
