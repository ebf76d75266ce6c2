import LabKit

/// What a proxy may spend on retries: calls earn it, so that retries stay a share of the calls however much fails (Beyer and
/// others, "Site Reliability Engineering", 2016, chapter 21). Stage 4B.
struct RetryBudget: Hashable {
  private let reserve: Int
  private let percent: Int
  /// In hundredths of a retry.
  private var hundredths: Int

  init(_ settings: ProxySettings) {
    reserve = settings.retryReserve
    percent = settings.retryPercent
    hundredths = reserve * 100
  }

  /// How many retries it is good for.
  var retries: Int { hundredths / 100 }

  /// A call has come in.
  mutating func earn() { hundredths = min(hundredths + percent, reserve * 100) }

  /// Pays for a retry; false if there is too little.
  mutating func spend() -> Bool {
    guard retries > 0 else { return false }
    hundredths -= 100
    return true
  }
}
