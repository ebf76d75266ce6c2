/// Which events may have caused which (Lamport, 1978): events of processes, and the messages between them.
///
/// Of two events of one process the earlier one happened before the later; a sending happened before each arrival of its
/// message; and what happened before a cause happened before its effect. Events are numbered from 0 in the order in which
/// they are appended, which no effect may precede its cause in.
public struct CausalHistory: Sendable {
  /// How one event lies to another.
  public enum Order: Sendable {
    case before, after, equal, concurrent
  }

  private struct Event {
    let process: Int
    /// How many events of each process happened before this one or are this one.
    let known: [Int]
    let causes: [Int]
  }

  private var events: [Event] = []
  /// The events of each process, in order.
  private var processes: [[Int]] = []

  public init() {}

  public var count: Int { events.count }

  /// Adds a process without events, and returns its number.
  public mutating func addProcess() -> Int {
    processes.append([])
    return processes.count - 1
  }

  /// Adds an event of a process and returns its number. `sending` is that of the message's sending, if the event is an
  /// arrival.
  public mutating func append(to process: Int, receiving sending: Int? = nil) -> Int {
    let causes = [processes[process].last, sending].compactMap(\.self)
    var known = Array(repeating: 0, count: processes.count)
    for cause in causes {
      // A process that began since then is none that the cause knows of.
      for (other, count) in events[cause].known.enumerated() { known[other] = max(known[other], count) }
    }
    known[process] += 1
    processes[process].append(events.count)
    events.append(Event(process: process, known: known, causes: causes))
    return events.count - 1
  }

  /// The event before an event in its process, and the sending of what arrived in it, as far as there are such.
  public func directCauses(of event: Int) -> [Int] { events[event].causes }

  /// Whether `first` is another event than `second` and may have caused it.
  public func happenedBefore(_ first: Int, _ second: Int) -> Bool {
    first != second && isCovered(first, by: second)
  }

  /// How `first` lies to `second`.
  public func order(of first: Int, to second: Int) -> Order {
    switch (isCovered(first, by: second), isCovered(second, by: first)) {
    case (true, true): .equal
    case (true, false): .before
    case (false, true): .after
    case (false, false): .concurrent
    }
  }

  private func isCovered(_ first: Int, by second: Int) -> Bool {
    let process = events[first].process
    let known = events[second].known
    return process < known.count && events[first].known[process] <= known[process]
  }
}
