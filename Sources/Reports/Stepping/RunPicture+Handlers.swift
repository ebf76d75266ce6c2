import LabKit

extension RunPicture {
  /// The event whose handler brought an event about: itself, or its node's latest before it, as for a crash. Nil if there is
  /// none in the picture.
  public func handlerEvent(at event: Int) -> Int? {
    if let start = events[event].continues { return start }
    return events[...event].last { $0.node == events[event].node && $0.runsHandler }?.id
  }

  /// The number of the handler that ran at an event, counted from 1 since the beginning of the run.
  ///
  /// - Parameter trace: the whole trace that the picture was made from.
  /// - Throws: A `WireError` if the trace is damaged.
  public func handlerNumber(ofEvent event: Int, trace: [UInt8]) throws -> Int {
    var rest = eventsLeftOut + event + 1
    var handlers = 0
    var reader = TraceReader()
    try reader.read(trace) { _, record in
      guard rest > 0, record.isPictured else { return }
      rest -= 1
      switch record {
      case .started, .delivered, .timerFired, .requested: handlers += 1
      default: break
      }
    }
    return handlers
  }
}

extension RunPicture.Event {
  /// Whether the student's code ran.
  fileprivate var runsHandler: Bool {
    switch kind {
    case .start, .receive, .timer, .request: true
    case .lost, .crash, .pause, .resume, .continued: false
    }
  }
}
