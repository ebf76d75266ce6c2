import ArgumentParser
import Foundation
import Records
import Reports
import Runner

/// The command line: parsing and wiring, nothing else.
@main struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "A workshop in building distributed systems.",
    discussion: """
      Begin with:  lab start week1

      Exit codes: 0 all passed, 1 a test failed, 3 did not build, 4 nothing was run, 5 undecided, \
      64 wrong usage, 70 an error in lab itself, 130 interrupted.
      """,
    version: CourseVersion.lab,
    subcommands: [
      StartCommand.self, TestCommand.self, StatusCommand.self, ReplayCommand.self, HintCommand.self,
      ReadCommand.self, ChartCommand.self, CheckHistoryCommand.self, VerifyCommand.self, DemoCommand.self,
      BenchCommand.self,
      DoctorCommand.self,
    ])

  static func main() {
    do {
      let arguments = try correctedCommand(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch let error as any CustomStringConvertible & Error where exitCode(ofOwn: error) != nil {
      Screen.complain(error.description)
      exit(withError: exitCode(ofOwn: error))
    } catch {
      exit(withError: error)
    }
  }

  /// The exit code of an error that brings its own words; none for the argument parser's.
  private static func exitCode(ofOwn error: any Error) -> ExitCode? {
    switch error {
    case is CourseError, is UsageError, is UnknownScenario: ExitCodes.usage
    case is BuildFailure: ExitCodes.didNotBuild
    case is ExitCode, is ValidationError, is CleanExit: nil
    case is LabError, is RecordsError, is Screen.WriteFailure: ExitCodes.errorInLab
    default: nil
    }
  }

  static var currentFolder: URL { URL(fileURLWithPath: FileManager.default.currentDirectoryPath) }
}

/// Something typed that means nothing, in words that say what would.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
