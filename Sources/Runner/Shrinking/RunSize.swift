import LabKit

/// How much there is to look at in a run.
public struct RunSize: Hashable, Sendable {
  public var nodes = 0
  /// What happened to nodes: starts, messages, timers, requests, crashes.
  public var events = 0
  /// Of these, those from the first fault on.
  public var eventsSinceFault = 0
  public var faults = 0
  public var requests = 0
  public var virtualMilliseconds = 0

  /// "12 events on 3 nodes, 2 faults, 4 requests"
  public var words: String {
    "\(events) events on \(nodes) nodes, \(faults) faults, \(requests) requests"
  }

  /// - Parameter result: with its trace.
  public init(_ result: SuiteRunner.SeedResult, _ alterations: Alterations, nodes: Int) {
    self.nodes = nodes
    virtualMilliseconds = result.virtualMilliseconds
    var reader = TraceReader()
    var hasFault = false
    var records = 0
    // A trace ends where a program did; what was read until then counts. What came after the property broke does not.
    try? reader.read(result.trace) { _, record in
      records += 1
      guard result.violation == nil || records <= result.recordsSeen else { return }
      hasFault = hasFault || record.isFault
      switch record {
      case .sent(_, _, let fate) where fate != SendFate.ordinary.rawValue: faults += 1
      case .requested: requests += 1
      default: break
      }
      guard record.isEvent else { return }
      events += 1
      if hasFault { eventsSinceFault += 1 }
    }
    faults += result.steps.indices.count {
      result.steps[$0] == .fault && !alterations.leftOut.contains($0)
    }
  }
}

extension WorldCommand {
  /// Whether something is worse from now on.
  var isFault: Bool {
    switch self {
    case .cut(_, _, let isCut): isCut
    case .setClock(_, let drift, let offset): drift != 0 || offset != 0
    default: false
    }
  }
}

extension TraceRecord {
  /// Whether something is worse from here on, or was: a message lost or doubled.
  var isFault: Bool {
    switch self {
    case .crashed, .paused: true
    case .sent(_, _, let fate): fate != SendFate.ordinary.rawValue
    case .faultChanged(let command): (try? WorldCommand(wireBytes: command))?.isFault == true
    default: false
    }
  }

  /// Whether this is something that happened to a node.
  public var isEvent: Bool {
    switch self {
    case .started, .delivered, .timerFired, .requested, .crashed, .paused, .resumed, .lost: true
    default: false
    }
  }
}

/// The messages of a run that did not fare as on an ordinary link.
enum ExtraordinaryMessages {
  static func of(_ trace: [UInt8]) -> [LinkMessage] {
    var found: Set<LinkMessage> = []
    var sent: [LinkMessage: Int] = [:]
    var counts: [LinkMessage: Int] = [:]
    var sender = 0
    var reader = TraceReader()
    let longest = LinkProfile().delayMicroseconds.upperBound
    try? reader.read(trace) { time, record in
      switch record {
      case .started(let node, _), .timerFired(let node, _), .requested(let node, _, _), .continued(let node):
        sender = node
      case .delivered(let node, let from, _, let number):
        sender = node
        let message = LinkMessage(from: from, to: node, number: number)
        if time - (sent[message] ?? time) > longest { found.insert(message) }
      case .sent(let to, _, let fate):
        let link = LinkMessage(from: sender, to: to, number: 0)
        counts[link, default: 0] += 1
        let message = LinkMessage(from: sender, to: to, number: counts[link] ?? 0)
        sent[message] = time
        if fate != SendFate.ordinary.rawValue { found.insert(message) }
      default: break
      }
    }
    return found.sorted()
  }
}
