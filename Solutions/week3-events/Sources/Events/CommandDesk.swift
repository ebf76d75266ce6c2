import LabKit

/// Carries out commands: reads an account's new events, decides, and writes the event that follows, provided that nobody has
/// written one in between.
///
/// The commands of one account wait for each other. Whatever it has asked and heard nothing of is asked anew at the next
/// `tick`.
struct CommandDesk: Hashable {
  /// So many events after the last snapshot of an account the next one is taken.
  static let eventsPerSnapshot = 40

  private struct Waiting: Hashable {
    let command: AccountCommand
    let id: String
    let token: Token
  }

  private var accounts: [String: Account] = [:]
  /// The version of the snapshot that is on the disk, by account.
  private var snapshots: [String: Int] = [:]
  private var waiting: [String: [Waiting]] = [:]
  /// The accounts that the store was asked about, by the number of the call.
  private var questions: [Int: String] = [:]

  var count: Int { waiting.values.reduce(0) { $0 + $1.count } }

  mutating func start(from disk: Disk) {
    for key in disk.keys where key.hasPrefix(Self.prefix) {
      let name = String(key.dropFirst(Self.prefix.count))
      accounts[name] = disk.value(under: key)
      snapshots[name] = accounts[name]?.version
    }
  }

  mutating func take(
    _ command: AccountCommand, of account: String, id: String, replyTo token: Token,
    _ context: inout Context<AccountService>
  ) {
    waiting[account, default: []].append(Waiting(command: command, id: id, token: token))
    if waiting[account]?.count == 1 { read(account, &context) }
  }

  mutating func tick(_ context: inout Context<AccountService>) {
    questions = [:]
    for account in waiting.keys.sorted() { read(account, &context) }
  }

  /// The store has answered. Ignored, if it was not this desk that asked.
  mutating func receive(_ answer: StoreAnswer, call: Int, _ context: inout Context<AccountService>) {
    guard let account = questions.removeValue(forKey: call) else { return }
    switch answer {
    case .events(let events):
      apply(events, to: account, &context)
      if events.count < StoreQuestion.pageSize {
        decide(account, &context)
      } else {
        read(account, &context)
      }
    case .appended(let event):
      apply([event], to: account, &context)
      conclude(account, .done(version: event.version), &context)
    case .conflict: read(account, &context)
    }
  }

  // MARK: The first command of an account

  private mutating func decide(_ account: String, _ context: inout Context<AccountService>) {
    guard let first = waiting[account]?.first else { return }
    let state = accounts[account] ?? Account()
    switch state.decide(first.command, id: first.id) {
    case .done(let version): conclude(account, .done(version: version), &context)
    case .insufficient: conclude(account, .insufficient, &context)
    case .write(let record):
      ask(.append(account: account, expectedVersion: state.version, record), about: account, &context)
    }
  }

  /// Answers it, and turns to the next.
  private mutating func conclude(
    _ account: String, _ reply: AccountReply, _ context: inout Context<AccountService>
  ) {
    guard var queue = waiting.removeValue(forKey: account), !queue.isEmpty else { return }
    context.reply(reply, to: queue.removeFirst().token)
    guard !queue.isEmpty else { return }
    waiting[account] = queue
    read(account, &context)
  }

  // MARK: Events

  private mutating func read(_ account: String, _ context: inout Context<AccountService>) {
    ask(.read(account: account, afterVersion: accounts[account]?.version ?? 0), about: account, &context)
  }

  private mutating func apply(
    _ events: [StoredEvent], to account: String, _ context: inout Context<AccountService>
  ) {
    guard !events.isEmpty else { return }
    var state = accounts[account] ?? Account()
    for event in events { state.apply(event) }
    accounts[account] = state
    guard state.version >= snapshots[account, default: 0] + Self.eventsPerSnapshot else { return }
    context.persist(state, under: Self.prefix + account)
    snapshots[account] = state.version
  }

  private mutating func ask(
    _ question: StoreQuestion, about account: String, _ context: inout Context<AccountService>
  ) {
    questions[context.ask(question)] = account
  }

  private static let prefix = "account "
}
