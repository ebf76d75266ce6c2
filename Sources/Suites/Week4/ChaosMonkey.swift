import LabKit
import Runner

/// Breaks instances at random, as a chaos monkey does: again and again, each of its targets with some probability.
///
/// What it does is laid down beforehand, and the same for every gateway that meets it.
struct ChaosMonkey {
  enum Fault: CaseIterable {
    case kill, slow, cut, damage, fail, hush
  }

  /// One instance in trouble for a while. Times are in milliseconds.
  struct Strike {
    let instance: Int
    let fault: Fault
    let from: Int
    let to: Int
  }

  private enum Event {
    case begin(Strike)
    case end(Strike)
  }

  let strikes: [Strike]
  private let healthy: InstanceMood
  private var events: [(at: Int, event: Event)]

  /// - Parameters:
  ///   - times: it is at work between these.
  ///   - percent: of a hundred targets that it looks at, it strikes so many.
  init(
    _ trial: Trial, targets: [Int], times: Range<Int>, intervalMilliseconds: Int, percent: Int,
    lengthMilliseconds: ClosedRange<Int>, healthy: InstanceMood
  ) {
    var strikes: [Strike] = []
    var busyUntil: [Int: Int] = [:]
    for time in stride(from: times.lowerBound, to: times.upperBound, by: intervalMilliseconds) {
      for target in targets {
        let isStruck = trial.choices.chance(partsPerMillion: percent * 10_000)
        let fault = trial.choices.element(of: Fault.allCases)
        let end = time + trial.choices.next(in: lengthMilliseconds)
        guard isStruck, end < times.upperBound, busyUntil[target, default: 0] < time else { continue }
        busyUntil[target] = end
        strikes.append(Strike(instance: target, fault: fault, from: time, to: end))
      }
    }
    self.strikes = strikes
    self.healthy = healthy
    events = strikes.flatMap { [($0.from, Event.begin($0)), ($0.to, Event.end($0))] }.sorted { $0.0 < $1.0 }
  }

  /// Does what is due.
  mutating func act(in clients: GatewayClients, at time: Int) {
    while let next = events.first, next.at <= time {
      events.removeFirst()
      switch next.event {
      case .begin(let strike): begin(strike, clients)
      case .end(let strike): end(strike, clients)
      }
    }
  }

  private func begin(_ strike: Strike, _ clients: GatewayClients) {
    let trial = clients.trial
    switch strike.fault {
    case .kill: trial.crash(strike.instance)
    case .cut: cut(strike.instance, true, trial)
    case .slow: clients.setMood(of: [strike.instance], InstanceMood(takesMilliseconds: 300...800))
    case .damage: clients.setMood(of: [strike.instance], InstanceMood(.damages))
    case .fail: clients.setMood(of: [strike.instance], InstanceMood(.fails))
    case .hush: clients.setMood(of: [strike.instance], InstanceMood(.isSilent))
    }
  }

  private func end(_ strike: Strike, _ clients: GatewayClients) {
    switch strike.fault {
    case .kill:
      if !clients.trial.isUp[strike.instance] { clients.trial.boot(strike.instance) }
    case .cut: cut(strike.instance, false, clients.trial)
    default: break
    }
    clients.setMood(of: [strike.instance], healthy)
  }

  private func cut(_ instance: Int, _ isCut: Bool, _ trial: Trial) {
    trial.command(.cut(from: instance, to: GatewayClients.gateway, isCut))
    trial.command(.cut(from: GatewayClients.gateway, to: instance, isCut))
  }

  /// When a part of the page could be had again, after a while in which none of its instances was well, and remained to be had
  /// for at least so long.
  func recoveries(of part: PagePart, wellMilliseconds: Int) -> [Int] {
    let instances = part.instances.map(\.number)
    let strikes = strikes.filter { instances.contains($0.instance) }
    return strikes.filter { strike in
      let end = strike.to
      let nobodyWasWell = instances.allSatisfy { instance in
        strikes.contains { $0.instance == instance && $0.from < end && end <= $0.to }
      }
      let staysWell = !strikes.contains {
        $0.instance == strike.instance && $0.from >= end && $0.from < end + wellMilliseconds
      }
      return nobodyWasWell && staysWell
    }.map(\.to)
  }
}
