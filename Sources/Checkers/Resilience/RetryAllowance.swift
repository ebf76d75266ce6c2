/// What a proxy surely has to spend on retries, for a judge that does not see when it spends: a lower bound of its budget.
///
/// Each call earns a share of a retry, up to the reserve. Between a call's coming and its retries' being paid the budget may
/// be full, and what is earned meanwhile is lost; how many retries are still to be paid is known only as an upper bound.
/// Times are in microseconds.
public struct RetryAllowance: Sendable {
  private let reserve: Int
  private let percent: Int
  /// No retry is paid later than this after its call has come.
  private let delay: Int
  /// What is left when all retries that may be needed are paid, in hundredths of a retry.
  private var hundredths: Int
  private var charges: [(at: Int, hundredths: Int)] = []

  public init(reserve: Int, percent: Int, delay: Int) {
    self.reserve = reserve
    self.percent = percent
    self.delay = delay
    hundredths = reserve * 100
  }

  /// A call comes that may need so many retries. Returns whether these can surely be paid.
  public mutating func covers(_ retries: Int, at time: Int) -> Bool {
    charges.removeAll { $0.at < time - delay }
    let unpaid = charges.reduce(0) { $0 + $1.hundredths }
    hundredths = min(hundredths + percent, reserve * 100 - unpaid) - retries * 100
    if retries > 0 { charges.append((at: time, hundredths: retries * 100)) }
    return hundredths >= 0
  }
}
