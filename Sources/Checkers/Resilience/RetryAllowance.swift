/// Which calls' retries a proxy can surely pay for, for a judge that does not see when it pays: a lower bound of its budget.
///
/// Each call earns a share of a retry, up to the reserve. Between a call's coming and its retries' being paid the budget may
/// be full, and what is earned meanwhile is lost; and where there is too little for all, who is paid for is a matter of who
/// comes first. Times are in microseconds.
public struct RetryAllowance: Sendable {
  private let reserve: Int
  private let percent: Int
  /// No retry is paid later than this after its call has come.
  private let delay: Int
  /// What is left when all retries that may be needed are paid, in hundredths of a retry.
  private var hundredths: Int
  /// The calls whose retries may still have to be paid.
  private var charges: [(call: String, at: Int, hundredths: Int)] = []
  private var doubtful: Set<String> = []

  public init(reserve: Int, percent: Int, delay: Int) {
    self.reserve = reserve
    self.percent = percent
    self.delay = delay
    hundredths = reserve * 100
  }

  /// A call comes that may need so many retries.
  public mutating func asked(_ call: String, retries: Int, at time: Int) {
    charges.removeAll { $0.at < time - delay }
    let unpaid = charges.reduce(0) { $0 + $1.hundredths }
    hundredths = min(hundredths + percent, reserve * 100 - unpaid) - retries * 100
    if retries > 0 { charges.append((call: call, at: time, hundredths: retries * 100)) }
    if hundredths < 0 { doubtful.formUnion(charges.map(\.call)) }
  }

  /// Whether all retries of a call can surely be paid.
  public func covers(_ call: String) -> Bool { !doubtful.contains(call) }
}
