import LabKit

/// Accounts that are their events, and what is asked about them: commands go by the events, queries by a projection of them
/// (Young, "CQRS Documents", 2010). Stage 3E.
///
/// Any number of nodes may serve the same accounts: what they agree on is in the event store.
public struct AccountService: AccountNode {
  static let tickInterval = Duration.milliseconds(50)

  /// A query for a version that the projection has not reached.
  private struct Query: Hashable {
    let account: String
    let version: Int
    let token: Token
  }

  private var desk = CommandDesk()
  private var balances = Balances()
  private var letters = Letters()
  /// What takes the place of `balances` once it has come as far.
  private var rebuilt: Balances?
  private var queries: [Query] = []
  /// The call by which events were asked for, and that was not answered.
  private var feedCall: Int?

  public init(id: NodeID, members: [NodeID]) {}

  public var status: AccountStatus {
    AccountStatus(position: balances.position, commands: desk.count, letters: letters.unsent.count)
  }

  // MARK: Events

  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    desk.start(from: disk)
    balances = disk.value(under: "balances") ?? Balances()
    letters = disk.value(under: "letters") ?? Letters()
    tick(&context)
  }

  /// Whoever has not answered is asked again.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) { tick(&context) }

  public mutating func receive(
    _ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    switch message {
    case .storeAnswer(.events(let events), feedCall): receiveFeed(events, &context)
    case .storeAnswer(let answer, let call): desk.receive(answer, call: call, &context)
    case .posted(let id): change(&context) { $0.letters.posted(id) }
    default: return
    }
  }

  public mutating func handle(
    _ request: AccountRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    switch request {
    case .command(let command, let account, let id):
      desk.take(command, of: account, id: id, replyTo: token, &context)
    case .balance(let account, let version):
      queries.append(Query(account: account, version: version, token: token))
      answerQueries(&context)
      if !queries.isEmpty { readFeed(&context) }
    case .total:
      context.reply(.total(cents: balances.total, position: balances.position), to: token)
    case .rebuild:
      rebuilt = Balances()
      context.reply(.rebuilding, to: token)
      readFeed(&context)
    }
  }

  private mutating func tick(_ context: inout Context<Self>) {
    desk.tick(&context)
    readFeed(&context)
    for letter in letters.unsent { context.send(.post(letter), to: .postOffice) }
    context.setTimer(.tick, after: Self.tickInterval)
  }

  // MARK: The projection

  /// Asks for the events after the position that is furthest behind.
  private mutating func readFeed(_ context: inout Context<Self>) {
    let position = min(letters.position, rebuilt?.position ?? balances.position)
    feedCall = context.ask(.readAll(afterPosition: position))
  }

  private mutating func receiveFeed(_ events: [StoredEvent], _ context: inout Context<Self>) {
    feedCall = nil
    guard !events.isEmpty else { return }
    change(&context) { service in
      for event in events {
        service.balances.apply(event)
        service.rebuilt?.apply(event)
        service.letters.apply(event)
      }
      if let rebuilt = service.rebuilt, rebuilt.position >= service.balances.position {
        (service.balances, service.rebuilt) = (rebuilt, nil)
      }
    }
    answerQueries(&context)
    readFeed(&context)
  }

  private mutating func answerQueries(_ context: inout Context<Self>) {
    for query in queries {
      let line = balances[query.account]
      guard line.version >= query.version else { continue }
      context.reply(.balance(cents: line.cents, version: line.version), to: query.token)
    }
    queries.removeAll { balances[$0.account].version >= $0.version }
  }

  /// Writes down what a change comes to, and sends the letters that it brings.
  private mutating func change(_ context: inout Context<Self>, _ body: (inout Self) -> Void) {
    let (balances, letters) = (self.balances, self.letters)
    body(&self)
    if self.balances != balances { context.persist(self.balances, under: "balances") }
    guard self.letters != letters else { return }
    context.persist(self.letters, under: "letters")
    for letter in self.letters.unsent where !letters.unsent.contains(letter) {
      context.send(.post(letter), to: .postOffice)
    }
  }
}

extension Context<AccountService> {
  /// Asks the event store, and returns the number that the answer will bring back.
  mutating func ask(_ question: StoreQuestion) -> Int {
    let call = random(in: 1...1 << 60)
    send(.askStore(question, call: call), to: .eventStore)
    return call
  }
}
