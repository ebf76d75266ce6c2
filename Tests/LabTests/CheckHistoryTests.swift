import Foundation
import Testing

@Suite("lab check-history")
struct CheckHistoryTests {
  private static let write =
    "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n"
  private static let read = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\t"

  private static let end = "INFO  jepsen.util - 3\t:ok\t:write\t1\n"

  private func folder(_ files: [String: String]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-history-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    return folder
  }

  @Test("says Ok or Illegal of each file, and leaves with 1 if one is Illegal")
  func verdicts() throws {
    let folder = try folder([
      "good.log": Self.write + Self.read + "1\n", "bad.log": Self.write + Self.read + "2\n",
    ])
    let good = try LabProcess(["check-history", "good.log", "--model", "register"], in: folder).wait()
    #expect(good.status == 0)
    #expect(good.output == "good.log\tOk\n")
    let both = try LabProcess(["check-history", "bad.log", "good.log", "--model", "register"], in: folder)
      .wait()
    #expect(both.status == 1)
    #expect(both.output == "bad.log\tIllegal\ngood.log\tOk\n")
    #expect(both.errors.contains("bad.log: Linearizability: ") && both.errors.contains("read → 2"))
  }

  @Test("reads the other formats, and adds nanoseconds when asked for the time")
  func formatsAndTime() throws {
    let folder = try folder([
      "a.txt": "{:process 0, :type :invoke, :f :get, :key \"x\", :value nil}\n",
      "b.json": """
      {"history": 1, "model": "queue"}
      {"id": 0, "client": 1, "call": 0, "return": 9, "operation": "dequeue", "outcome": "ok", "answer": null}
      """,
    ])
    let store = try LabProcess(["check-history", "a.txt", "--model", "kv", "--time"], in: folder).wait()
    #expect(store.status == 0)
    let fields = store.output.dropLast().split(separator: "\t")
    #expect(fields.count == 3 && fields[0] == "a.txt" && fields[1] == "Ok" && Int(fields[2]) != nil)
    let queue = try LabProcess(["check-history", "b.json", "--model", "queue"], in: folder).wait()
    #expect(queue.output == "b.json\tOk\n")
  }

  @Test("says what is wrong with a file that holds no history, judges the others, and leaves with 64")
  func badFile() throws {
    let folder = try folder(["good.log": Self.write, "bad.log": Self.end + Self.write])
    let said = try LabProcess(
      ["check-history", "bad.log", "no.log", "good.log", "--model", "register", "--format", "etcd"],
      in: folder
    ).wait()
    #expect(said.status == 64)
    #expect(said.output == "good.log\tOk\n")
    #expect(said.errors.contains("lab: bad.log:1: client 3's :write 1 ended"))
    #expect(said.errors.contains("lab: cannot read no.log"))
  }
}
