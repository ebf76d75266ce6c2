import Checkers
import LabKit
import Testing

@Suite("What a proxy surely has to spend on retries")
struct RetryAllowanceTests {
  @Test("the reserve covers so many retries, and calls earn further ones")
  func earned() {
    var allowance = RetryAllowance(reserve: 2, percent: 50, delay: 10)
    allowance.asked("a", retries: 2, at: 0)
    for (name, time) in [("b", 20), ("c", 21), ("d", 22)] { allowance.asked(name, retries: 0, at: time) }
    allowance.asked("e", retries: 1, at: 30)
    #expect(allowance.covers("a") && allowance.covers("e"))
    // Two of these can be paid for, and nobody knows which two: nothing is earned that a full budget would lose.
    for (name, time) in [("f", 35), ("g", 36)] { allowance.asked(name, retries: 1, at: time) }
    #expect(["a", "e", "f", "g"].filter(allowance.covers) == ["a"])
  }

  @Test("whatever it covers a budget can pay, whenever the retries are paid")
  func lowerBound() {
    var stream = RandomStream(seed: 7)
    var (covered, missed) = (0, 0)
    for _ in 0..<500 {
      let (reserve, percent) = (stream.next(in: 1...5), stream.next(in: 0...60))
      var allowance = RetryAllowance(reserve: reserve, percent: percent, delay: 20)
      var hundredths = reserve * 100
      var due: [(at: Int, call: String)] = []
      var unpaid: Set<String> = []
      var calls: [String] = []
      for time in stride(from: 0, to: 600, by: stream.next(in: 1...8)) {
        for retry in due where retry.at <= time {
          if hundredths >= 100 { hundredths -= 100 } else { unpaid.insert(retry.call) }
        }
        due.removeAll { $0.at <= time }
        hundredths = min(hundredths + percent, reserve * 100)
        let retries = stream.chance(partsPerMillion: 200_000) ? stream.next(in: 1...2) : 0
        allowance.asked("c\(time)", retries: retries, at: time)
        if retries > 0 { calls.append("c\(time)") }
        for _ in 0..<retries { due.append((at: time + stream.next(in: 1...20), call: "c\(time)")) }
      }
      #expect(unpaid.filter(allowance.covers) == [])
      covered += calls.count(where: allowance.covers)
      missed += unpaid.count
    }
    #expect(covered > 1_000 && missed > 1_000)
  }
}
