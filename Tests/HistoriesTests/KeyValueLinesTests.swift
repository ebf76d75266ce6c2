import Checkers
import Histories
import Testing

@Suite("A key-value history in EDN")
struct KeyValueLinesTests {
  private func read(_ text: String) throws(HistoryFileError) -> RecordedHistory {
    try RecordedHistory(text, named: "a.txt", format: .keyValue, model: .keyValue)
  }

  private func problem(_ text: String) -> String {
    do {
      _ = try read(text)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("is read line by line, and answers with an empty text where nothing was put")
  func reading() throws {
    let history = try read(
      """
      {:process 0, :type :invoke, :f :get, :key "x", :value nil}
      {:process 1 :type :invoke :f :append :key "x" :value "a \\"b\\" \\u0041"}

      {:process 0, :type :ok, :f :get, :key "x", :value ""}
      {:process 1, :type :ok, :f :append, :key "x", :value "a \\"b\\" A"}
      {:process 1, :type :invoke, :f :put, :key "x", :value "c"}
      """)
    typealias Call = Operation<KeyValueInput, KeyValueOutput>
    let expected = try KeyValueHistory([
      Call(id: 0, client: 0, call: 1, return: 4, input: .get("x"), outcome: .ok(.value(""))),
      Call(id: 1, client: 1, call: 2, return: 5, input: .append("x", "a \"b\" A"), outcome: .ok(.done)),
      Call(id: 2, client: 1, call: 6, input: .put("x", "c")),
    ])
    #expect(history == .keyValue(expected, absent: ""))
    #expect(history.check() == .holds)
  }

  @Test("refuses an end without a call, an end of another key, and two calls at once by one client")
  func badOrder() {
    let get = "{:process 4, :type :invoke, :f :get, :key \"x\", :value nil}\n"
    #expect(
      problem(get.replacing("invoke", with: "ok"))
        == "a.txt:1: expected a text as :value, found nil")
    #expect(
      problem("{:process 4, :type :ok, :f :get, :key \"x\", :value \"\"}")
        == "a.txt:1: client 4's get of key \"x\" ended, but the client had called nothing; "
        + "expected its call before")
    #expect(
      problem(get + "{:process 4, :type :ok, :f :get, :key \"y\", :value \"\"}").hasPrefix(
        "a.txt:2: client 4's get of key \"y\" ended, but in line 1 it had called get(\"x\")"))
    #expect(
      problem(get + get).hasPrefix("a.txt:2: client 4 called get(\"x\") while"),
      "\(problem(get + get))")
  }

  @Test(
    "refuses a malformed line, and says what it expected",
    arguments: [
      ("{:process 0, :type :invoke", "one map"), ("nonsense", "one map"),
      ("{:process \"0\" :type :invoke :f :get :key \"x\"}", "a number as :process"),
      ("{:process 0 :type :begin :f :get :key \"x\"}", ":invoke, :ok, :fail or :info as :type"),
      ("{:process 0 :type :invoke :f :pop :key \"x\"}", ":get, :put or :append as :f"),
      ("{:process 0 :type :invoke :f :get :key 3}", "a text as :key"),
      ("{:process 0 :type :invoke :f :put :key \"x\" :value nil}", "a text as :value"),
    ])
  func malformed(line: String, words: String) {
    let problem = problem("\n" + line)
    #expect(problem.hasPrefix("a.txt:2: expected ") && problem.contains(words), "\(problem)")
  }
}
