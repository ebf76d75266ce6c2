import LabKit

/// An account as its events make it (Vernon, "Implementing Domain-Driven Design", 2013, appendix A).
struct Account: Hashable, Codable {
  enum Decision: Hashable {
    /// The command was done before, and gave the account this version.
    case done(version: Int)
    case insufficient
    /// This is what happens.
    case write(EventRecord)
  }

  /// How many events have made it what it is.
  private(set) var version = 0
  private(set) var cents = 0
  /// The versions that commands gave it.
  private var commands: [String: Int] = [:]

  /// Takes the next event; one that it has taken, or that is not the next, changes nothing.
  mutating func apply(_ event: StoredEvent) {
    guard event.version == version + 1 else { return }
    version += 1
    cents += event.record.change
    commands[event.record.command] = version
  }

  /// What a command comes to. Nothing happens before the event is in the store.
  func decide(_ command: AccountCommand, id: String) -> Decision {
    if let version = commands[id] { return .done(version: version) }
    switch command {
    case .deposit(let cents): return .write(EventRecord(kind: "deposited", amount: cents, command: id))
    case .withdraw(let cents) where cents > self.cents: return .insufficient
    case .withdraw(let cents): return .write(EventRecord(kind: "withdrawn", amount: cents, command: id))
    }
  }
}

extension EventRecord {
  /// By how many cents it changes the balance, whatever schema it was written in. Everybody else asks this, and knows of one
  /// schema only.
  var change: Int {
    switch (schema, kind) {
    case (1, _): amount * 100
    case (_, "deposited"): amount
    default: -amount
    }
  }
}
