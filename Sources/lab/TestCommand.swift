import ArgumentParser
import Foundation
import Reports
import Runner

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Build your code, break its world in many ways, show what went wrong first.")

  @Argument(help: "Stages or scenarios, such as 1A or 1A.elect; all of them if none is named.") var names:
    [String] = []
  @Option(help: "The week, where it is not clear from the folder.") var week: String?
  @Option(help: "The first seed, hexadecimal. With --seeds 1, exactly this run.") var seed: String?
  @Option(help: "How many seeds each scenario runs.") var seeds: Int?
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "Go on drawing seeds for this long, in a release build: 90s, 10m, 2h.", valueName: "time"))
  var soak: SoakTime?
  @Option(
    help: ArgumentHelp(
      "How long to look for a smaller run of the first failure; 0s for not at all.", valueName: "time"))
  var shrinkFor: SoakTime = SoakTime(duration: .seconds(5))
  @Flag(help: "Run again whenever a source file changes.") var watch = false
  @Flag(help: "Run every stage, also those whose forerunner fails.") var all = false
  @Flag(help: "Give each node a process of its own.") var apart = false
  @Flag(help: "Print one JSON document on standard output; all else goes to standard error.") var json = false
  @Option(help: ArgumentHelp("Write a report in JUnit's XML.", valueName: "file")) var junit: String?

  func validate() throws {
    if let seeds, seeds < 1 { throw ValidationError("--seeds takes a number from 1 on, not \(seeds)") }
    if let soak, soak.duration == .zero { throw ValidationError("--for takes a time from 1s on") }
    if soak != nil && seeds != nil { throw ValidationError("--for goes by time: leave --seeds out") }
    if watch && soak != nil { throw ValidationError("--watch and --for do not go together") }
    if watch && (json || junit != nil) {
      throw ValidationError("--watch is for a person: leave --json and --junit out")
    }
  }

  func run() throws {
    let course = try Course.containing(Lab.currentFolder)
    let suite = try Lab.suite(in: course, named: week ?? weekAmongNames)
    // `lab test week1` is the whole week, stage by stage as ever.
    let names = names.filter { $0.lowercased() != suite.week }
    _ = try suite.selection(names)
    if let junit { try checkIsWritable(junit) }
    Interrupt.catchAll()
    let screen = TestScreen(on: json ? .error : .output)
    Interrupt.beforeEnding {
      screen.progress.erase()
      Screen.note("\ninterrupted; the records keep the scenarios that had ended")
    }
    let run = TestRun(
      course: course, suite: suite, names: names, baseSeed: try Lab.parse(seed: seed), seeds: seeds,
      runsAll: all, isApart: apart, soakDuration: soak?.duration, shrinkDuration: shrinkFor.duration)
    if watch { return try Watch(run: run, screen: screen).loop() }
    let report = try run.perform(on: screen)
    if json { try Screen.write(try report.json(), to: .output) }
    if let junit { try write(report.junit(), to: junit) }
    let code = ExitCodes.code(for: report.outcome)
    if code != .success { throw code }
  }

  /// The week that the names on the line speak of, if they do.
  private var weekAmongNames: String? {
    names.first { $0.lowercased().hasPrefix("week") }
      ?? names.lazy.compactMap { Lab.suite(withStage: $0)?.week }.first
  }

  private func checkIsWritable(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw UsageError("--junit: there is no folder \(folder)")
    }
  }

  private func write(_ text: String, to path: String) throws {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw UsageError("--junit: cannot write \(path): \(error.localizedDescription)")
    }
  }
}

/// A time as it is typed: a number and s, m or h.
struct SoakTime: ExpressibleByArgument {
  let duration: Duration
  /// As it is printed in the help.
  var defaultValueDescription: String { "\(duration.components.seconds)s" }

  init(duration: Duration) { self.duration = duration }

  init?(argument: String) {
    let seconds: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
    guard let unit = argument.last.flatMap({ seconds[$0] }), let count = Int(argument.dropLast()),
      (0...1_000_000).contains(count)
    else { return nil }
    duration = .seconds(count * unit)
  }
}
