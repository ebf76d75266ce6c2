/// Whether transfers between accounts neither make nor lose money: each consistent read of all accounts shows the same
/// total. The workload is Jepsen's "bank".
public struct BankInvariant: Sendable {
  /// A read of all accounts at once.
  public struct Reading: Sendable, Equatable {
    /// Names the operation that read.
    public var operation: Int
    public var balances: [String: Int]

    public init(operation: Int, balances: [String: Int]) {
      self.operation = operation
      self.balances = balances
    }
  }

  /// All accounts.
  public var accounts: Set<String>
  /// What they hold together.
  public var total: Int
  /// Whether an account may be overdrawn.
  public var allowsNegative: Bool

  public init(accounts: Set<String>, total: Int, allowsNegative: Bool = false) {
    self.accounts = accounts
    self.total = total
    self.allowsNegative = allowsNegative
  }

  /// Whether every reading shows all accounts, the total, and none overdrawn that may not be.
  public func check(_ readings: [Reading]) -> Verdict {
    for reading in readings {
      let operation = "Operation \(reading.operation)"
      let read = Set(reading.balances.keys)
      if let missing = accounts.subtracting(read).min() {
        return violation("\(operation) did not read \(missing)")
      }
      if let stranger = read.subtracting(accounts).min() {
        return violation("\(operation) read \(stranger), which is no account")
      }
      // A balance may be anything that a program sent: the sum must not overflow.
      var sum = 0
      for (account, balance) in reading.balances.sorted(by: { $0.key < $1.key }) {
        if balance < 0 && !allowsNegative {
          return violation("\(operation) read \(balance) in \(account), which may not be overdrawn")
        }
        let (next, overflows) = sum.addingReportingOverflow(balance)
        if overflows { return violation("\(operation) read balances too great to be added") }
        sum = next
      }
      if sum != total {
        let balances = reading.balances.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        return violation("\(operation) read \(list(balances)), \(sum) together instead of \(total)")
      }
    }
    return .holds
  }

  private func violation(_ evidence: String) -> Verdict {
    .violated(Violation(property: "Conservation of money", section: "Jepsen, bank", evidence: evidence + "."))
  }
}
