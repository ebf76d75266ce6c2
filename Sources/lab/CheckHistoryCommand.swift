import ArgumentParser
import Checkers
import Foundation
import Histories
import Reports

struct CheckHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-history",
    abstract: "Say of recorded histories whether they are linearizable.",
    discussion: """
      A line a file: its name, a tab, and Ok, Illegal or Undecided. What contradicts goes to standard error. Leaves \
      with 0 if all are Ok, 1 if one is Illegal, 5 if one is undecided and none Illegal, 64 if one is no history.

      Formats: etcd, Jepsen's log of a register; kv, a map a line in EDN; json, Sources/Histories/HISTORY.md. The \
      first two tell no time, so that a microsecond stands for a line.
      """)

  @Argument(help: ArgumentHelp("Files, each with a history.", valueName: "file")) var files: [String]
  @Option(help: "What the object does.") var model: HistoryModel
  @Option(
    help: """
      How the files are written; if left out, json for a name that ends so, otherwise etcd for a register and kv for \
      a store.
      """)
  var format: HistoryFormat?
  @Flag(help: "Add a tab and how many nanoseconds the checking alone took.") var time = false

  func run() throws {
    var verdicts: [Verdict] = []
    var isAnyUnreadable = false
    for file in files {
      let history: RecordedHistory
      do { history = try read(file) } catch let error as any CustomStringConvertible & Error {
        // One bad file does not keep the others from being judged.
        isAnyUnreadable = true
        Screen.complain(Screen.harmless(error.description))
        continue
      }
      var verdict = Verdict.holds
      let duration = ContinuousClock().measure { verdict = history.check() }
      verdicts.append(verdict)
      let nanoseconds =
        duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
      let line = "\(file)\t\(word(for: verdict, of: file))" + (time ? "\t\(nanoseconds)" : "")
      try Screen.write(line + "\n", to: .output)
    }
    if isAnyUnreadable { throw ExitCodes.usage }
    if verdicts.contains(where: { if case .violated = $0 { true } else { false } }) { throw ExitCodes.failed }
    if verdicts.contains(where: { $0 != .holds }) { throw ExitCodes.undecided }
  }

  private func read(_ file: String) throws -> RecordedHistory {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw UsageError("cannot read \(file): there is no such file, or it may not be read")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw UsageError("cannot read \(file): it is not a text in UTF-8")
    }
    return try RecordedHistory(text, named: file, format: format ?? likelyFormat(of: file), model: model)
  }

  private func likelyFormat(of file: String) -> HistoryFormat {
    let ending = URL(fileURLWithPath: file).pathExtension.lowercased()
    if ["json", "jsonl"].contains(ending) { return .json }
    return switch model {
    case .register: .etcd
    case .keyValue: .keyValue
    case .set, .queue, .log: .json
    }
  }

  /// The verdict in one word; what led to it goes to standard error.
  private func word(for verdict: Verdict, of file: String) -> String {
    switch verdict {
    case .holds:
      return "Ok"
    case .violated(let violation):
      Screen.note(Screen.harmless("\(file): \(violation)"))
      return "Illegal"
    case .undecided(let reason):
      Screen.note(Screen.harmless("\(file): \(reason)"))
      return "Undecided"
    }
  }
}

extension HistoryModel: ExpressibleByArgument {}

extension HistoryFormat: ExpressibleByArgument {}
