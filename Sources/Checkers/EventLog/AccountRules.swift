/// Whether accounts that are kept as events are what their commands make of them, and what is told of them is what their
/// events come to (Vernon, "Implementing Domain-Driven Design", 2013, appendix A; Young, "CQRS Documents", 2010).
public struct AccountRules: Sendable {
  /// What somebody has asked for.
  public struct Command: Sendable {
    public var id: String
    public var account: String
    /// By how many cents the balance is to change: below 0 for a withdrawal.
    public var cents: Int

    public init(id: String, account: String, cents: Int) {
      self.id = id
      self.account = account
      self.cents = cents
    }
  }

  private struct Entry {
    var command: String?
    var cents: Int
    /// After it.
    var balance: Int
    var needsLetter: Bool
    var time: Int
  }

  /// A withdrawal of so many cents or more is told by letter.
  private let leastLetterCents: Int
  private var commands: [String: Command] = [:]
  /// The events of each account, by version.
  private var accounts: [String: [Entry]] = [:]
  /// The versions that commands gave their accounts.
  private var done: [String: Int] = [:]
  /// What all accounts hold together after each position.
  private var totals = [0]
  /// When each position was written.
  private var times = [Int.min]
  private var letters: Set<Place> = []

  private struct Place: Hashable {
    let account: String
    let version: Int
  }

  public init(leastLetterCents: Int) { self.leastLetterCents = leastLetterCents }

  // MARK: What is so

  /// How many events there are.
  public var position: Int { totals.count - 1 }
  public func version(of account: String) -> Int { accounts[account]?.count ?? 0 }
  public func balance(of account: String) -> Int { accounts[account]?.last?.balance ?? 0 }
  /// How many events there were at a time, in the unit of `noteAppended`.
  public func position(at time: Int) -> Int { (times.lastIndex { $0 <= time }) ?? 0 }
  /// How many events of an account there were at a time.
  public func version(of account: String, at time: Int) -> Int {
    ((accounts[account] ?? []).lastIndex { $0.time <= time } ?? -1) + 1
  }

  // MARK: As it happens

  /// Somebody asks for this, now or before.
  public mutating func expect(_ command: Command) { commands[command.id] = command }

  /// There is an event from before there were commands.
  public mutating func noteOld(account: String, cents: Int, time: Int) {
    add(
      Entry(cents: cents, balance: balance(of: account) + cents, needsLetter: false, time: time), to: account)
  }

  /// An event was written.
  ///
  /// - Parameter cents: by how many the balance changes; nil if the event is none that a reader knows.
  public mutating func noteAppended(_ id: String, account: String, cents: Int?, time: Int) throws(Violation) {
    let place = "\(account)/\(version(of: account) + 1)"
    guard let command = commands[id], command.account == account, let cents, command.cents == cents else {
      throw violation(
        "Nothing is written that nobody asked for",
        commands[id].map { "\(place) is written for \(words($0)), and is another event." }
          ?? "\(place) is written for the command \"\(id)\", which nobody gave.")
    }
    if let version = done[id] {
      throw violation(
        "A command is done once", "\(place) is written for \(words(command)), as \(account)/\(version) was.")
    }
    let balance = balance(of: account)
    guard balance + cents >= 0 else {
      throw violation(
        "No account is below zero",
        "\(place) is written for \(words(command)), and there are \(balance) cents in \(account).")
    }
    done[id] = version(of: account) + 1
    add(
      Entry(
        command: id, cents: cents, balance: balance + cents, needsLetter: cents <= -leastLetterCents,
        time: time), to: account)
  }

  private mutating func add(_ entry: Entry, to account: String) {
    accounts[account, default: []].append(entry)
    totals.append(totals[totals.count - 1] + entry.cents)
    times.append(entry.time)
  }

  /// A letter goes out.
  public mutating func noteLetter(account: String, version: Int) throws(Violation) {
    guard let events = accounts[account], events.indices.contains(version - 1),
      events[version - 1].needsLetter
    else {
      throw violation(
        "Letters go out for large withdrawals alone",
        "A letter for \(account)/\(version) goes out"
          + (version > self.version(of: account) || version < 1
            ? "; there is no such event."
            : accounts[account]?[version - 1].command == nil
              ? ". The event is of schema 1, and its letter went out when it was written."
              : ". The event changes the balance by \(accounts[account]?[version - 1].cents ?? 0) cents."),
        section: Self.replay)
    }
    guard letters.insert(Place(account: account, version: version)).inserted else {
      throw violation(
        "One letter a withdrawal", "A second letter for \(account)/\(version) goes out, under another id.",
        section: Self.replay)
    }
  }

  // MARK: What is told

  /// A command was answered: done.
  public func checkDone(_ id: String, version: Int) -> Verdict {
    guard done[id] != version else { return .holds }
    return .violated(
      violation(
        "What is done is in the store",
        "\(commands[id].map(words) ?? id) is done, it was told, with version \(version). "
          + (done[id].map { "It gave the account version \($0)." } ?? "No event of it is in the store.")))
  }

  /// A command was answered: there is not enough. Since it was asked for, the account has had at least this version.
  public func checkInsufficient(_ id: String, sinceVersion version: Int) -> Verdict {
    guard let command = commands[id] else { return .holds }
    let events = accounts[command.account] ?? []
    if let doneAt = done[id], doneAt <= version {
      return .violated(
        violation(
          "A command that is done stays done",
          "\(words(command)) is \(command.account)/\(doneAt) in the store; asked for again, it was refused."))
    }
    let least = (version...max(version, events.count)).map { $0 == 0 ? 0 : events[$0 - 1].balance }.min() ?? 0
    guard least + command.cents >= 0 else { return .holds }
    return .violated(
      violation(
        "What can be withdrawn is not refused",
        "\(words(command)) was refused. Since it was asked for, \(command.account) has never held less than \(least) cents."
      ))
  }

  /// A query for an account was answered.
  ///
  /// - Parameters:
  ///   - wanted: the version that was asked for at least.
  ///   - known: the version that the same node had told, in the same life, before it was asked.
  public func checkBalance(
    _ account: String, cents: Int, version: Int, wanted: Int, known: Int
  ) -> Verdict {
    let events = accounts[account] ?? []
    guard version >= 0, version <= events.count else {
      return .violated(
        violation(
          "A query is answered by the events",
          "\(account) has version \(version), it was told. There are \(events.count) events of it.",
          section: Self.projection))
    }
    let right = version == 0 ? 0 : events[version - 1].balance
    guard cents == right else {
      return .violated(
        violation(
          "A query is answered by the events",
          "\(account) holds \(cents) cents at version \(version), it was told. The events up to it come to \(right)"
            + "\(guess(cents &- right, events.prefix(version))).", section: Self.projection))
    }
    guard version >= wanted else {
      return .violated(
        violation(
          "Who has written reads what it wrote",
          "\(account) was asked for by version \(wanted) at least, and the answer is of version \(version).",
          section: Self.projection))
    }
    guard version >= known else { return .violated(back("\(account) at version", version, known)) }
    return .holds
  }

  /// A query for all accounts was answered.
  public func checkTotal(cents: Int, position: Int, known: Int) -> Verdict {
    guard totals.indices.contains(position), totals[position] == cents else {
      return .violated(
        violation(
          "A query is answered by the events",
          "All accounts hold \(cents) cents by the events up to position \(position), it was told. "
            + (totals.indices.contains(position)
              ? "They come to \(totals[position])." : "There are \(self.position) events."),
          section: Self.projection))
    }
    guard position >= known else { return .violated(back("all accounts at position", position, known)) }
    return .holds
  }

  private func back(_ what: String, _ now: Int, _ before: Int) -> Violation {
    violation(
      "A node's answers do not go back", "It tells of \(what) \(now), and told of \(before) before.",
      section: Self.projection)
  }

  /// What one mistake would come to this difference.
  private func guess(_ difference: Int, _ events: ArraySlice<Entry>) -> String {
    for (place, event) in events.enumerated().reversed() where event.cents != 0 {
      if difference == event.cents { return ": as if version \(place + 1) had been taken twice" }
      if difference == -event.cents { return ": as if version \(place + 1) had never come" }
    }
    return ""
  }

  // MARK: In the end

  /// All letters are out.
  public func checkEnd() -> Verdict {
    for (account, events) in accounts.sorted(by: { $0.key < $1.key }) {
      for (place, event) in events.enumerated()
      where event.needsLetter && !letters.contains(Place(account: account, version: place + 1)) {
        return .violated(
          violation(
            "Each large withdrawal has its letter",
            "\(account)/\(place + 1) is a withdrawal of \(-event.cents) cents, and no letter has gone out for it.",
            section: Self.replay))
      }
    }
    return .holds
  }

  private func words(_ command: Command) -> String {
    "\(command.id) (\(command.cents < 0 ? "withdraw" : "deposit") \(abs(command.cents)), \(command.account))"
  }

  private func violation(_ property: String, _ evidence: String, section: String = Self.aggregate)
    -> Violation
  {
    Violation(property: property, section: section, evidence: evidence)
  }

  private static let aggregate = "Vernon 2013, appendix A"
  private static let projection = "Young, CQRS Documents"
  private static let replay = "Fowler, Event Sourcing"
}
