import LabKit

/// Joins a page from three services, and keeps its promise while they break: it asks for all parts at once, asks another
/// instance where one is slow or sick, leaves sick ones alone, and shows what it has kept where nobody answers. Stage 4C.
public struct Gateway: GatewayNode {
  /// A page whose client waits.
  private struct OpenPage: Hashable {
    let user: String
    let token: Token
    var page = Page()
    /// What it still waits for, and whom it has asked for that.
    var asked = Dictionary(uniqueKeysWithValues: PagePart.allCases.map { ($0, [NodeID]()) })
  }

  /// A question to an instance that has not been answered.
  private struct Call: Hashable {
    let page: Int
    let part: PagePart
    let user: String
    let instance: NodeID
    let askedAt: Duration
    let pass: CircuitBreaker.Pass
  }

  /// Nearly every answer comes sooner: whoever waits longer asks another instance as well (Dean and Barroso, 2013).
  private static let hedgeDelay = Duration.milliseconds(70)
  /// No page waits longer.
  private static let patience = Duration.milliseconds(400)
  private static let breaker = BreakerSettings(
    limit: .inARow(3), openMilliseconds: 1_500, timeoutMilliseconds: 200, slowMilliseconds: 150)

  private var pages: [Int: OpenPage] = [:]
  private var calls: [Int: Call] = [:]
  private var breakers: [NodeID: CircuitBreaker] = [:]
  /// What second questions may cost: the trouble of one service does not use up what the others have.
  private var budgets = Dictionary(
    uniqueKeysWithValues: PagePart.allCases.map {
      ($0, RetryBudget(ProxySettings(retryReserve: 20, retryPercent: 15)))
    })
  private var kept = KeptPieces()

  public init(id: NodeID, members: [NodeID]) {}

  public var status: GatewayStatus {
    GatewayStatus(
      pages: pages.count,
      resting: breakers.values.count { if case .open = $0.state { true } else { false } },
      kept: kept.count)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  public mutating func handle(
    _ request: PageRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    let number = context.random(in: 1...1 << 60)
    pages[number] = OpenPage(user: request.user, token: token)
    context.setTimer(.page(number), after: Self.patience)
    for part in PagePart.allCases {
      budgets[part]?.earn()
      ask(for: part, of: number, &context)
      settle(part, of: number, &context)
    }
  }

  public mutating func receive(
    _ message: PageMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .piece(let piece, let number) where piece.isIntact: finish(number, piece.text, &context)
    // What is damaged is as good as nothing.
    case .piece(_, let number), .failure(let number): finish(number, nil, &context)
    case .fetch: return
    }
  }

  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    let words = timer.text.split(separator: " ")
    guard words.count == 2, let number = Int(words[1]) else { return }
    switch words[0] {
    case "page":
      for part in PagePart.allCases { fallBack(part, of: number, &context) }
    case "hedge":
      if let call = calls[number] { askAnother(for: call.part, of: call.page, &context) }
    default: finish(number, nil, &context)
    }
  }

  // MARK: Calls

  /// Asks an instance that is believed to be well and has not been asked for this. False if there is none.
  @discardableResult
  private mutating func ask(for part: PagePart, of page: Int, _ context: inout Context<Self>) -> Bool {
    guard let open = pages[page], let asked = open.asked[part] else { return false }
    let first = context.random(in: 0...part.instances.count - 1)
    for instance in part.instances[first...] + part.instances[..<first] where !asked.contains(instance) {
      guard
        let pass = breakers[instance, default: CircuitBreaker(Self.breaker)].admit(at: context.uptime)
      else { continue }
      let number = context.random(in: 1...1 << 60)
      calls[number] = Call(
        page: page, part: part, user: open.user, instance: instance, askedAt: context.uptime, pass: pass)
      pages[page]?.asked[part]?.append(instance)
      context.send(.fetch(part, user: open.user, call: number), to: instance)
      context.setTimer(.hedge(number), after: Self.hedgeDelay)
      context.setTimer(.attempt(number), after: .milliseconds(Self.breaker.timeoutMilliseconds))
      return true
    }
    return false
  }

  /// Asks a second instance, if the page still waits and it can be paid for.
  private mutating func askAnother(for part: PagePart, of page: Int, _ context: inout Context<Self>) {
    guard let budget = budgets[part], budget.retries > 0, ask(for: part, of: page, &context) else { return }
    _ = budgets[part]?.spend()
  }

  /// A call is answered, or has failed. Ignored, if it was over before.
  private mutating func finish(_ number: Int, _ text: String?, _ context: inout Context<Self>) {
    guard let call = calls.removeValue(forKey: number) else { return }
    context.cancelTimer(.hedge(number))
    context.cancelTimer(.attempt(number))
    let isSlow = context.uptime - call.askedAt > .milliseconds(Self.breaker.slowMilliseconds)
    breakers[call.instance]?.note(isFailure: text == nil || isSlow, of: call.pass, at: context.uptime)
    if let text {
      kept.keep(text, call.part, of: call.user, askedAt: call.askedAt)
      show(.fresh(text), as: call.part, of: call.page, &context)
    } else {
      askAnother(for: call.part, of: call.page, &context)
      settle(call.part, of: call.page, &context)
    }
  }

  // MARK: Pages

  /// Waits no longer for a part that nobody is asked for any more.
  private mutating func settle(_ part: PagePart, of page: Int, _ context: inout Context<Self>) {
    guard !calls.values.contains(where: { $0.page == page && $0.part == part }) else { return }
    fallBack(part, of: page, &context)
  }

  private mutating func fallBack(_ part: PagePart, of page: Int, _ context: inout Context<Self>) {
    guard let user = pages[page]?.user else { return }
    let text = kept.piece(part, of: user, at: context.uptime)
    show(text.map(Section.kept) ?? .missing, as: part, of: page, &context)
  }

  /// Settles a part, and answers the page with the last one. Ignored, if the part was settled before.
  private mutating func show(
    _ section: Section, as part: PagePart, of number: Int, _ context: inout Context<Self>
  ) {
    guard pages[number]?.asked.removeValue(forKey: part) != nil else { return }
    pages[number]?.page[part] = section
    guard let open = pages[number], open.asked.isEmpty else { return }
    pages[number] = nil
    context.cancelTimer(.page(number))
    context.reply(open.page, to: open.token)
  }
}

extension TimerName {
  fileprivate static func page(_ page: Int) -> TimerName { TimerName("page \(page)") }
  fileprivate static func hedge(_ call: Int) -> TimerName { TimerName("hedge \(call)") }
  fileprivate static func attempt(_ call: Int) -> TimerName { TimerName("attempt \(call)") }
}
