import Checkers
import Histories
import Testing

@Suite("Jepsen's log of a register")
struct EtcdLogTests {
  private func read(_ lines: [String]) throws(HistoryFileError) -> RecordedHistory {
    try RecordedHistory(
      lines.map { "INFO  jepsen.util - \($0)\n" }.joined(), named: "a.log", format: .etcd, model: .register)
  }

  private func problem(_ lines: [String]) -> String {
    do {
      _ = try read(lines)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("is read line by line, with what has no known result left open")
  func reading() throws {
    let history = try RecordedHistory(
      """
      INFO  jepsen.core - Worker 0 starting
      INFO  jepsen.util - :nemesis\t:info\t:start\tnil
      INFO  jepsen.util - 0\t:invoke\t:write\t3
      INFO  jepsen.util - 1   :invoke :cas    [3 4]
      INFO  jepsen.util - 2\t:invoke\t:read\tnil
      INFO  jepsen.util - 0\t:info\t:write\t:timed-out
      INFO  jepsen.util - 1\t:ok\t:cas\t[3 4]
      INFO  jepsen.util - 2\t:fail\t:read\t:timed-out
      INFO  jepsen.util - 2\t:invoke\t:read\tnil
      INFO  jepsen.util - 2\t:ok\t:read\t4
      INFO  jepsen.util - 1\t:invoke\t:cas\t[0 1]
      INFO  jepsen.util - 1\t:fail\t:cas\t[0 1]
      """, named: "a.log", format: .etcd, model: .register)
    typealias Call = Operation<RegisterInput, RegisterOutput>
    let expected = try RegisterHistory([
      Call(id: 0, client: 0, call: 3, input: .write(3)),
      Call(
        id: 1, client: 1, call: 4, return: 7, input: .compareAndSet(expected: 3, new: 4),
        outcome: .ok(.swapped(true))),
      Call(id: 2, client: 2, call: 5, return: 8, input: .read),
      Call(id: 3, client: 2, call: 9, return: 10, input: .read, outcome: .ok(.value(4))),
      Call(
        id: 4, client: 1, call: 11, return: 12, input: .compareAndSet(expected: 0, new: 1), outcome: .failed),
    ])
    #expect(history == .register(expected))
    #expect(history.check() == .holds)
  }

  @Test("refuses an end without a call, and names file, line and operation")
  func endWithoutCall() {
    #expect(
      problem(["0\t:invoke\t:read\tnil", "1\t:ok\t:write\t3"])
        == "a.log:2: client 1's :write 3 ended, but the client had called nothing; expected its call before")
  }

  @Test("refuses two calls at once by one client, and names both")
  func twoCalls() {
    #expect(
      problem(["0\t:invoke\t:write\t1", "0\t:invoke\t:read\tnil"])
        == "a.log:2: client 0 called read while its write(1) of line 1 was open; expected that to end before")
  }

  @Test("refuses a call after an end that its client never learned of")
  func callAfterUnknown() {
    let problem = problem(["0\t:invoke\t:write\t1", "0\t:info\t:write\t:timed-out", "0\t:invoke\t:read\tnil"])
    #expect(problem.hasPrefix("a.log:3: client 0 called read, but never learned how its write(1) of line 1"))
  }

  @Test("refuses an end that is of another operation than was called")
  func endOfAnother() {
    #expect(
      problem(["0\t:invoke\t:write\t1", "0\t:ok\t:write\t2"])
        == "a.log:2: client 0's :write 2 ended, but in line 1 it had called write(1); expected that to end")
    #expect(problem(["0\t:invoke\t:write\t1", "0\t:ok\t:read\t2"]).hasPrefix("a.log:2: "))
  }

  @Test(
    "refuses a malformed line, and says what it expected and found",
    arguments: [
      ("0\t:invoke\t:write", "PROCESS, type, function and value"),
      ("0\t:invoke\t:write\tx", "the number to write, found \"x\""),
      ("0\t:invoke\t:cas\t[1]", "[old new], found \"[1]\""),
      ("0\t:invoke\t:swap\t1", ":read, :write or :cas, found \":swap\""),
    ])
  func malformed(line: String, words: String) {
    let problem = problem(["9\t:invoke\t:read\tnil", line])
    #expect(problem.hasPrefix("a.log:2: expected ") && problem.contains(words), "\(problem)")
  }

  @Test("refuses a text without any operation, for it must be of another format")
  func noOperations() {
    let error = #expect(throws: HistoryFileError.self) {
      try RecordedHistory("{:process 0}\n", named: "a", format: .etcd, model: .register)
    }
    #expect(error?.problem == .noOperations(format: .etcd))
    let other = #expect(throws: HistoryFileError.self) {
      try RecordedHistory("", named: "a", format: .etcd, model: .queue)
    }
    #expect(other?.problem == .otherModel(found: .register, expected: .queue))
  }
}
