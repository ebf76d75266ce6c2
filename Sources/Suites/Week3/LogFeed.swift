import LabKit
import Runner

/// Records that come into the given log one after the other, as from somebody with an outbox.
final class LogFeed {
  struct Entry {
    let topic: String
    let key: String
    let value: String
  }

  private let trial: Trial
  /// In the order in which they are to come into the log.
  private var waiting: [Entry] = []
  /// The first of them is on its way.
  private var open: (request: Int, boot: Int)?
  /// What the log has.
  private(set) var told: [Entry] = []

  init(_ trial: Trial) { self.trial = trial }

  var isEmpty: Bool { waiting.isEmpty }

  func add(_ entry: Entry) { waiting.append(entry) }

  /// Lets time pass, a little at a time. `also` is called in between.
  func step(milliseconds: Int, also: () throws -> Void = {}) throws {
    let end = trial.nowMilliseconds + milliseconds
    repeat {
      hear()
      send()
      try also()
      try trial.advance(untilReplyOrMilliseconds: max(1, end - trial.nowMilliseconds))
    } while trial.nowMilliseconds < end
    hear()
  }

  private func send() {
    guard open == nil, let entry = waiting.first, trial.isUp[ServiceRun.log] else { return }
    let request = trial.request(
      LogRequest.append(topic: entry.topic, key: entry.key, value: entry.value), to: ServiceRun.log,
      client: 1, afterMicroseconds: 1, isStep: false)
    open = (request, trial.boots[ServiceRun.log])
  }

  private func hear() {
    guard let (request, boot) = open else { return }
    if trial.replies[request] != nil {
      told.append(waiting.removeFirst())
      open = nil
    } else if boot != trial.boots[ServiceRun.log] || !trial.isUp[ServiceRun.log] {
      // It fell before it answered: the record may lie there twice.
      open = nil
    }
  }

  /// Waits until all that was to be told is in the log.
  func finish(withinMilliseconds limit: Int, also: () throws -> Void = {}) throws {
    let end = trial.nowMilliseconds + limit
    while !waiting.isEmpty {
      guard trial.nowMilliseconds < end else { throw NotExercised("the log does not run") }
      try step(milliseconds: 10, also: also)
    }
  }
}
