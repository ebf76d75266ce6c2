// Calls from other modules find generic code that was not specialised, which is five times slower; these were.

extension Linearizability where Model == KeyValueModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: KeyValueHistory, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget) { ValueCoding(of: $0, initial: model.initial)?.judge() ?? search($0) }
  }
}

extension Linearizability where Model == RegisterModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: RegisterHistory, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget) { ValueCoding(of: $0).judge() }
  }
}

extension Linearizability where Model == SetModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: SetHistory, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget) { search($0) }
  }
}

extension Linearizability where Model == QueueModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: QueueHistory, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget) { operations in
      let (object, timeline) = coded(operations)
      let search = judge(object, timeline)
      return UniqueElements(operations, timeline, search: search).map { AnyLinearizationJudge($0) } ?? search
    }
  }
}

extension Linearizability where Model == LogModel {
  /// Judges `history`, taking at most about `budget` steps of the model.
  public func check(_ history: LogHistory, budget: Int = standardBudget) -> Verdict {
    search(history, budget: budget) { operations in
      var object = LogObject()
      let kinds = operations.map { object.kind(of: $0.input, returning: $0.output) }
      return judge(object, Timeline(operations.map(\.interval), kinds: kinds, traits: object.traits))
    }
  }
}
