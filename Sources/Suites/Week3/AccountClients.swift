import Checkers
import LabKit
import Runner

/// Clients who deposit, withdraw and ask how much there is, at any node, while the judge watches what is written to the event
/// store and what the post sends.
final class AccountClients {
  /// What clients do.
  struct Habits {
    var restMilliseconds = 0...60
    /// Accounts that they share.
    var accounts = 6
    /// The largest amount in cents, but for those around the least that gets a letter.
    var mostCents = 2_000
    /// Of a hundred commands, so many are of an amount around the least that gets a letter.
    var largePercent = 25
    /// Of a hundred withdrawals, so many are of all there is, or of one cent more.
    var allPercent = 25
    /// Of a hundred commands, so many withdraw.
    var withdrawsPercent = 50
    /// Of a hundred things they do, so many are queries.
    var asksPercent = 40
  }

  static let store = NodeID.eventStore.number
  static let post = NodeID.postOffice.number
  static let services = 3...4
  private static let clientCount = 6

  /// Something that a client wants, until it is told.
  private struct Wish {
    let body: AccountRequest
    var requests: [Asked] = []
  }

  private struct Asked {
    let node: Int
    let boot: Int
    let request: Int
    let atMilliseconds: Int
    /// What the node had told before, of this account or of all.
    let known: Int
    /// The account's version then.
    let version: Int
  }

  /// What a node has told in its present life.
  private struct Told {
    var boot = 0
    var versions: [String: Int] = [:]
    var position = 0
  }

  /// What an operator has asked for.
  private struct Rebuild {
    let node: Int
    let boot: Int
    let atMilliseconds: Int
    /// How many events there were then.
    let position: Int
    /// How many the node has read since, from the first.
    var read = 0
  }

  let trial: Trial
  let run: ServiceRun
  var habits = Habits()
  /// Whether no message is lost or late and nobody falls but where the judge waits for it.
  private let isCalm: Bool
  private var rules = AccountRules(leastLetterCents: Letter.leastCents)
  private var wishes: [Int: Wish] = [:]
  private var nextAtMilliseconds: [Int: Int] = [:]
  /// The last version of each account that a client knows of.
  private var known: [Int: [String: Int]] = [:]
  private var commandCount = 0
  private var told: [Int: Told] = [:]
  private var rebuilds: [Rebuild] = []
  private var reads = ReadAgain()
  /// When nodes asked the post for letters first, in a life.
  private var lettersAskedFor: [String: Int] = [:]

  init(_ trial: Trial, isCalm: Bool) {
    self.trial = trial
    self.isCalm = isCalm
    run = ServiceRun(
      trial, service: Self.services.lowerBound, client: Self.clientCount + 1,
      answerMilliseconds: AccountBounds.answerMilliseconds)
    trial.observe = { [unowned self] microseconds, record in try observe(record, microseconds / 1_000) }
  }

  // MARK: Watching

  private func observe(_ record: TraceRecord, _ milliseconds: Int) throws {
    guard case .output(let node, let body) = record else { return }
    var nodes = Array(Self.services)
    do {
      if node == Self.post {
        let news = try PostNews(wireBytes: body)
        nodes = [news.sender.number]
        try note(news, milliseconds)
      } else if node == Self.store {
        let news = try EventStoreNews(wireBytes: body)
        nodes = [news.node.number]
        try note(news, milliseconds)
      }
    } catch var violation as Violation {
      violation.nodes = nodes.map { $0 - 1 } + [node - 1]
      throw violation
    }
  }

  private func note(_ news: EventStoreNews, _ milliseconds: Int) throws {
    let boot = trial.boots[news.node.number]
    switch news {
    case .appended(let event, let node):
      try rules.noteAppended(
        event.record.command, account: event.account, cents: event.record.centsBySchema2, time: milliseconds)
      reads.note(event.account, upTo: event.version, by: node.number, boot: boot)
    case .read(let account, let version, let count, let node):
      try reads.judge(account, after: version, by: node.number, boot: boot, isJudged: isCalm)
      reads.note(account, upTo: version + count, by: node.number, boot: boot)
    case .readAll(let position, let count, let node):
      noteRebuilt(node.number, from: position, count)
      try reads.judge(nil, after: position, by: node.number, boot: boot, isJudged: isCalm)
      reads.note(nil, upTo: position + count, by: node.number, boot: boot)
    }
  }

  private func note(_ news: PostNews, _ milliseconds: Int) throws {
    if news.isNew { try rules.noteLetter(account: news.letter.account, version: news.letter.version) }
    guard isCalm else { return }
    let ask =
      "\(news.sender) \(trial.boots[news.sender.number]) \(news.letter.account)/\(news.letter.version)"
    guard let first = lettersAskedFor[ask] else { return lettersAskedFor[ask] = milliseconds }
    guard milliseconds - first > Self.againMilliseconds else { return }
    throw Violation(
      property: "What is made anew sends no letter again", section: "Fowler, Event Sourcing",
      evidence:
        "\(news.sender) asks for the \(news.letter) again, \(milliseconds - first) ms after the post sent it and said so."
    )
  }

  /// In a calm the post has answered long before.
  private static let againMilliseconds = 250

  // MARK: Clients

  /// The store holds so many events of schema 1 already, of the accounts that clients share.
  func fill(events: Int) {
    var entries: [EventStoreRequest.Entry] = []
    for _ in 0..<events {
      let account = "a\(trial.choices.next(in: 1...habits.accounts))"
      var dollars = trial.choices.next(in: 1...300)
      if trial.choices.chance(partsPerMillion: 400_000) {
        dollars = -min(dollars, rules.balance(of: account) / 100)
      }
      guard dollars != 0 else { continue }
      rules.noteOld(account: account, cents: dollars * 100, time: trial.nowMilliseconds)
      entries.append(
        .init(
          account: account, record: EventRecord(schema: 1, kind: "changed", amount: dollars, command: "")))
    }
    _ = trial.request(
      EventStoreRequest(events: entries), to: Self.store, client: Self.clientCount + 1, isStep: false)
  }

  func work(milliseconds: Int, untilOneFalls: Bool = false) throws {
    let end = trial.nowMilliseconds + trial.waiting(milliseconds)
    while trial.nowMilliseconds < end, !untilOneFalls || Self.services.allSatisfy({ trial.isUp[$0] }) {
      for client in 1...Self.clientCount
      where wishes[client] == nil && trial.nowMilliseconds >= nextAtMilliseconds[client] ?? 0 {
        begin(client)
      }
      try step(milliseconds: max(1, min(10, end - trial.nowMilliseconds)))
    }
  }

  /// Waits until nobody wants anything.
  func rest(withinMilliseconds limit: Int) throws {
    let end = trial.nowMilliseconds + limit
    while let (client, wish) = wishes.min(by: { $0.key < $1.key }) {
      guard trial.nowMilliseconds < end else { throw unanswered(wish, client, limit) }
      try step(milliseconds: 10)
    }
  }

  private func begin(_ client: Int) {
    nextAtMilliseconds[client] = trial.nowMilliseconds + trial.choices.next(in: habits.restMilliseconds)
    let account = "a\(trial.choices.next(in: 1...habits.accounts))"
    let (choice, kind) = (trial.choices.next(in: 0...99), trial.choices.next(in: 0...99))
    let amount = amount(of: account, isWithdrawal: kind < habits.withdrawsPercent)
    guard trial.takes(.request) else { return }
    let body: AccountRequest
    if choice < habits.asksPercent {
      body =
        kind < 70
        ? .balance(account: account, atLeastVersion: known[client]?[account] ?? 0) : .total
    } else {
      commandCount += 1
      let id = "c\(commandCount)"
      body = .command(
        amount < 0 ? .withdraw(cents: -amount) : .deposit(cents: amount), account: account, id: id)
      rules.expect(.init(id: id, account: account, cents: amount))
    }
    wishes[client] = Wish(body: body)
    ask(client, trial.choices.element(of: Array(Self.services)))
  }

  /// By how many cents a command is to change the balance.
  private func amount(of account: String, isWithdrawal: Bool) -> Int {
    let (choice, small) = (trial.choices.next(in: 0...99), trial.choices.next(in: 1...habits.mostCents))
    let around = trial.choices.element(of: [-1, 0, 0, small])
    if isWithdrawal, choice >= 100 - habits.allPercent {
      let balance = rules.balance(of: account)
      return -max(1, balance + (small % 2))
    }
    let cents = choice < habits.largePercent ? Letter.leastCents + around : small
    return isWithdrawal ? -cents : cents
  }

  private func ask(_ client: Int, _ node: Int) {
    guard let body = wishes[client]?.body, trial.isUp[node] else { return }
    if told[node]?.boot != trial.boots[node] { told[node] = Told(boot: trial.boots[node]) }
    let account =
      switch body {
      case .command(_, let account, _), .balance(let account, _): account
      case .total, .rebuild: ""
      }
    let known =
      if case .total = body { told[node]?.position } else { told[node]?.versions[account] }
    let request = trial.request(body, to: node, client: client, afterMicroseconds: 1, isStep: false)
    wishes[client]?.requests.append(
      Asked(
        node: node, boot: trial.boots[node], request: request, atMilliseconds: trial.nowMilliseconds,
        known: known ?? 0, version: rules.version(of: account)))
  }

  private func step(milliseconds: Int) throws {
    let end = trial.nowMilliseconds + milliseconds
    repeat {
      try hear()
      try trial.advance(untilReplyOrMilliseconds: max(1, end - trial.nowMilliseconds))
    } while trial.nowMilliseconds < end
    try hear()
    try judgeRebuilds()
  }

  private func hear() throws {
    for (client, wish) in wishes.sorted(by: { $0.key < $1.key }) {
      if let asked = wish.requests.first(where: { trial.replies[$0.request] != nil }),
        let reply = trial.replies[asked.request]
      {
        wishes[client] = nil
        try judge(AccountReply(wireBytes: reply.body), to: wish, asked, client)
      } else if let last = wish.requests.last, trial.isUp[last.node], trial.boots[last.node] == last.boot {
        guard trial.nowMilliseconds - last.atMilliseconds > AccountBounds.answerMilliseconds else { continue }
        if isCalm { throw unanswered(wish, client, AccountBounds.answerMilliseconds) }
        // Somebody who waits in vain turns to the other.
        askAnother(client, than: last)
      } else {
        askAnother(client, than: wish.requests.last)
      }
    }
  }

  /// Asks the other node, or the same in another life.
  private func askAnother(_ client: Int, than last: Asked?) {
    let up = Self.services.filter { trial.isUp[$0] && ($0 != last?.node || trial.boots[$0] != last?.boot) }
    guard !up.isEmpty else { return }
    ask(client, trial.choices.element(of: up))
  }

  private func unanswered(_ wish: Wish, _ client: Int, _ limit: Int) -> Violation {
    let node = wish.requests.last?.node ?? Self.services.lowerBound
    return Violation(
      property: "No progress: a request is never answered", section: "contract",
      evidence:
        "n\(node) was asked by client \(client) to \(wish.body.words) \(limit) ms ago, and has not answered.",
      nodes: [node - 1], kind: .progress)
  }

  // MARK: Judging

  private func judge(_ reply: AccountReply, to wish: Wish, _ asked: Asked, _ client: Int) throws {
    switch (wish.body, reply) {
    case (.command(_, let account, let id), .done(let version)):
      try demand(rules.checkDone(id, version: version), asked.node)
      known[client, default: [:]][account] = version
    case (.command(.withdraw, _, let id), .insufficient):
      try demand(rules.checkInsufficient(id, sinceVersion: asked.version), asked.node)
    case (.balance(let account, let wanted), .balance(let cents, let version)):
      try demand(
        rules.checkBalance(account, cents: cents, version: version, wanted: wanted, known: asked.known),
        asked.node)
      known[client, default: [:]][account] = max(version, known[client]?[account] ?? 0)
      note(asked) { $0.versions[account] = max(version, $0.versions[account] ?? 0) }
      try judgeFreshness(
        version, rules.version(of: account, at: freshMilliseconds(asked)), "version", of: account, asked)
    case (.total, .total(let cents, let position)):
      try demand(rules.checkTotal(cents: cents, position: position, known: asked.known), asked.node)
      note(asked) { $0.position = max(position, $0.position) }
      try judgeFreshness(
        position, rules.position(at: freshMilliseconds(asked)), "position", of: "all accounts", asked)
    default:
      throw Violation(
        property: "The answer fits the request", section: "contract",
        evidence: "n\(asked.node) was asked to \(wish.body.words) and answered \(reply).",
        nodes: [asked.node - 1])
    }
  }

  /// Keeps what a node has told, if it still lives.
  private func note(_ asked: Asked, _ change: (inout Told) -> Void) {
    guard var told = told[asked.node], told.boot == asked.boot else { return }
    change(&told)
    self.told[asked.node] = told
  }

  /// What is older has to be part of the answer.
  private func freshMilliseconds(_ asked: Asked) -> Int {
    asked.atMilliseconds - AccountBounds.freshMilliseconds
  }

  private func judgeFreshness(
    _ number: Int, _ least: Int, _ unit: String, of what: String, _ asked: Asked
  ) throws {
    guard isCalm, number < least else { return }
    throw Violation(
      property: "Queries are answered by what is new", section: "contract",
      evidence:
        "n\(asked.node) answers for \(what) by \(unit) \(number). \(AccountBounds.freshMilliseconds) ms before it was asked, "
        + "it was \(unit) \(least) already.", nodes: [asked.node - 1], kind: .progress)
  }

  private func demand(_ verdict: Verdict, _ node: Int) throws { try run.demand(verdict, nodes: [node]) }

  // MARK: Rebuilds

  /// An operator lets a node make anew what it answers queries from.
  func rebuild(_ node: Int) {
    guard trial.isUp[node], trial.takes(.request) else { return }
    _ = trial.request(
      AccountRequest.rebuild, to: node, client: Self.clientCount + 2, afterMicroseconds: 1, isStep: false)
    reads.allowAll(node)
    // Elsewhere a fall may take it.
    guard isCalm else { return }
    rebuilds.append(
      Rebuild(
        node: node, boot: trial.boots[node], atMilliseconds: trial.nowMilliseconds, position: rules.position))
  }

  /// A node has read events of all accounts.
  private func noteRebuilt(_ node: Int, from position: Int, _ count: Int) {
    for place in rebuilds.indices where rebuilds[place].node == node && position <= rebuilds[place].read {
      rebuilds[place].read = max(rebuilds[place].read, position + count)
    }
    rebuilds.removeAll { $0.node == node && $0.read >= $0.position }
  }

  private func judgeRebuilds() throws {
    rebuilds.removeAll { !trial.isUp[$0.node] || trial.boots[$0.node] != $0.boot }
    guard let late = rebuilds.first(where: { $0.read < $0.position }),
      trial.nowMilliseconds - late.atMilliseconds > AccountBounds.rebuildMilliseconds
    else { return }
    throw Violation(
      property: "A rebuild reads all events anew", section: "Fowler, Event Sourcing",
      evidence:
        "n\(late.node) was asked to rebuild \(AccountBounds.rebuildMilliseconds) ms ago, when there were "
        + "\(late.position) events. From the first on it has asked the store for \(late.read) since.",
      nodes: [late.node - 1], kind: .progress)
  }

  // MARK: The end

  /// Lets faults end, and all that clients want be done; then each node is asked for everything, before a fall and after it.
  func closeInCalm() throws {
    let limit = isCalm ? AccountBounds.answerMilliseconds : AccountBounds.settleMilliseconds
    try trial.always {
      try run.endFaults()
      let end = trial.nowMilliseconds + limit
      try rest(withinMilliseconds: limit)
      while trial.nowMilliseconds < end {
        if case .holds = rules.checkEnd() { break }
        try trial.advance(milliseconds: 50)
      }
      try run.demand(rules.checkEnd(), nodes: Array(Self.services))
      try lookAtAll()
      for node in Self.services { trial.crash(node) }
      try run.raiseTheFallen()
      try lookAtAll()
      try run.demand(rules.checkEnd(), nodes: Array(Self.services))
    }
  }

  private func lookAtAll() throws {
    for node in Self.services {
      for number in 1...habits.accounts {
        let account = "a\(number)"
        let version = rules.version(of: account)
        let reply: AccountReply = try run.ask(
          AccountRequest.balance(account: account, atLeastVersion: version), node)
        guard case .balance(let cents, let told) = reply else { throw misfit(node, reply) }
        try demand(
          rules.checkBalance(account, cents: cents, version: told, wanted: version, known: 0), node)
      }
      let reply: AccountReply = try run.ask(AccountRequest.total, node)
      guard case .total(let cents, let position) = reply else { throw misfit(node, reply) }
      try demand(rules.checkTotal(cents: cents, position: position, known: 0), node)
    }
  }

  private func misfit(_ node: Int, _ reply: AccountReply) -> Violation {
    Violation(
      property: "The answer fits the request", section: "contract",
      evidence: "n\(node) was asked how much there is and answered \(reply).", nodes: [node - 1])
  }
}

/// What nodes were given before they fell, and whether they ask for it again.
private struct ReadAgain {
  private struct Reader: Hashable {
    let node: Int
    /// Nil for all accounts.
    let account: String?
  }

  private struct Given {
    var boot: Int
    var now = 0
    /// In earlier lives.
    var before = 0
  }

  private var given: [Reader: Given] = [:]
  private var free: Set<Int> = []

  /// A node may read all events again.
  mutating func allowAll(_ node: Int) { free.insert(node) }

  mutating func note(_ account: String?, upTo number: Int, by node: Int, boot: Int) {
    let reader = Reader(node: node, account: account)
    var given = given[reader] ?? Given(boot: boot)
    if given.boot != boot { given = Given(boot: boot, before: max(given.before, given.now)) }
    given.now = max(given.now, number)
    self.given[reader] = given
  }

  func judge(_ account: String?, after number: Int, by node: Int, boot: Int, isJudged: Bool) throws {
    guard isJudged, !(account == nil && free.contains(node)),
      let given = given[Reader(node: node, account: account)]
    else { return }
    let before = given.boot == boot ? given.before : max(given.before, given.now)
    guard before - number > AccountBounds.mostReadAgain else { return }
    throw Violation(
      property: "What was read is not read again", section: "Vernon 2013, appendix A",
      evidence:
        "n\(node) asks for the events of \(account ?? "all accounts") after \(number). Before it fell it was given those up to "
        + "\(before); \(AccountBounds.mostReadAgain) of them at most may be asked for again.", kind: .budget)
  }
}

extension EventStoreNews {
  /// Who wrote or read.
  fileprivate var node: NodeID {
    switch self {
    case .appended(_, let node), .read(_, _, _, let node), .readAll(_, _, let node): node
    }
  }
}

extension EventRecord {
  /// By how many cents it changes a balance; nil if it is none that is written now.
  fileprivate var centsBySchema2: Int? {
    guard schema == 2, amount > 0 else { return nil }
    return kind == "deposited" ? amount : kind == "withdrawn" ? -amount : nil
  }
}

extension AccountRequest {
  /// What is asked for, after "asked to".
  fileprivate var words: String {
    switch self {
    case .command(let command, let account, let id): "\(command) cents, \(account), as \(id)"
    case .balance(let account, let version): "tell how much is in \(account), version \(version) at least"
    case .total: "tell how much is in all accounts"
    case .rebuild: "rebuild"
    }
  }
}
