import Checkers
import LabKit
import Testing

@Suite("What a proxy surely has to spend on retries")
struct RetryAllowanceTests {
  @Test("the reserve covers so many retries, and calls earn further ones")
  func earned() {
    var allowance = RetryAllowance(reserve: 2, percent: 50, delay: 10)
    #expect(allowance.covers(2, at: 0))
    // The first earns while the retries before it may not be paid yet.
    #expect(!allowance.covers(1, at: 5))
    for time in 20..<24 { #expect(allowance.covers(0, at: time) == (time >= 21)) }
    #expect(allowance.covers(1, at: 30))
  }

  @Test("whatever it covers a budget can pay, whenever the retries are paid")
  func lowerBound() {
    var stream = RandomStream(seed: 7)
    var covered = 0
    for _ in 0..<500 {
      let (reserve, percent) = (stream.next(in: 1...5), stream.next(in: 0...60))
      var allowance = RetryAllowance(reserve: reserve, percent: percent, delay: 20)
      var hundredths = reserve * 100
      var due: [(at: Int, isCovered: Bool)] = []
      for time in stride(from: 0, to: 600, by: stream.next(in: 1...8)) {
        for retry in due where retry.at <= time {
          #expect(!retry.isCovered || hundredths >= 100)
          if hundredths >= 100 { hundredths -= 100 }
        }
        due.removeAll { $0.at <= time }
        hundredths = min(hundredths + percent, reserve * 100)
        let retries = stream.chance(partsPerMillion: 200_000) ? stream.next(in: 1...2) : 0
        let isCovered = allowance.covers(retries, at: time)
        if isCovered { covered += retries }
        for _ in 0..<retries { due.append((at: time + stream.next(in: 1...20), isCovered: isCovered)) }
      }
    }
    #expect(covered > 1_000)
  }
}
