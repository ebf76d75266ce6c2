import Checkers
import LabKit
import Runner

/// Clients who ask a gateway for pages, while the judge watches what the instances answer.
final class GatewayClients {
  /// A page, as its client has got it.
  struct Told {
    let page: Page
    let askedAt: Int
    let at: Int
  }

  static let gateway = 7
  static let instances = PagePart.allCases.flatMap(\.instances).map(\.number)
  /// A message there and one back, on ordinary links.
  static let wayMicroseconds = 20_000
  /// A client may be told so much late, and a piece have been on its way for as long.
  static let marginMicroseconds = 20_000

  let trial: Trial
  private(set) var rules = GatewayRules(
    limit: GatewayBounds.limitMilliseconds * 1_000, margin: marginMicroseconds,
    oldest: GatewayBounds.keptSeconds * 1_000_000)
  private var count = 0
  /// What clients have asked, by request.
  private var asked: [Int: (name: String, user: String, at: Int)] = [:]
  /// What they have been told, by request.
  private(set) var told: [Int: Told] = [:]
  /// How often the gateway has asked an instance.
  private(set) var asks = 0

  init(_ trial: Trial) {
    self.trial = trial
    trial.observe = { [unowned self] time, record in try observe(time, record) }
  }

  // MARK: Clients

  func start() throws { try trial.start() }

  /// Asks for a page, now. Returns the request.
  @discardableResult
  func ask(for user: Int) -> Int {
    count += 1
    let request = trial.request(
      PageRequest(user: Self.name(of: user)), to: Self.gateway, afterMicroseconds: 1)
    asked[request] = (name: "p\(count)", user: Self.name(of: user), at: trial.nowMicroseconds + 1)
    return request
  }

  static func name(of user: Int) -> String { "u\(user)" }

  /// Tells some instances how they are from now on.
  func setMood(of instances: [Int], _ mood: InstanceMood) {
    for instance in instances { _ = trial.request(mood, to: instance, client: 2, isStep: false) }
  }

  /// Waits until every page must have been answered.
  func settle() throws {
    try trial.always {
      try trial.advance(milliseconds: GatewayBounds.limitMilliseconds + 2 * Self.marginMicroseconds / 1_000)
      try demand { () throws(Violation) in try rules.requireAnswers(at: trial.nowMicroseconds) }
    }
  }

  // MARK: Watching

  private func observe(_ time: Int, _ record: TraceRecord) throws {
    switch record {
    case .requested(_, _, let request):
      guard let (name, user, _) = asked[request] else { return }
      rules.asked(request, "\(name), the page of \(user),", for: user, at: time)
    case .replied(_, _, let request, true, let body):
      guard let askedAt = asked[request]?.at else { return }
      let page = try Page(wireBytes: body)
      try demand { () throws(Violation) in
        try rules.requireAnswers(at: time)
        let sections = PagePart.allCases.map { (part: "\($0)", GatewayRules.Section(page[$0])) }
        try rules.told(request, sections, at: time)
      }
      told[request] = Told(page: page, askedAt: askedAt, at: time)
    case .output(let node, let body) where Self.instances.contains(node):
      let served = try ServedPiece(wireBytes: body)
      rules.answered(
        served.text, GatewayRules.Answer(part: "\(served.part)", user: served.user, at: time))
    case .sent(let receiver, _, _) where receiver != Self.gateway: asks += 1
    default: return
    }
  }

  private func demand(_ body: () throws(Violation) -> Void) throws {
    do { try body() } catch {
      var violation = error
      violation.nodes = [Self.gateway - 1]
      throw violation
    }
  }

  func broken(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "contract", evidence: evidence, nodes: [Self.gateway - 1])
  }
}

extension GatewayRules.Section {
  fileprivate init(_ section: Section) {
    switch section {
    case .fresh(let text): self = .fresh(text)
    case .kept(let text): self = .kept(text)
    case .missing: self = .missing
    }
  }
}

extension Section {
  var isFresh: Bool { if case .fresh = self { true } else { false } }
}
