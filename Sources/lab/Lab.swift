import ArgumentParser
import Foundation
import Records
import Runner
import Suites

/// The command line: parsing and wiring, nothing else.
@main struct Lab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "A workshop in building distributed systems.",
    discussion: "Begin with: lab start week1",
    version: CourseVersion.lab,
    subcommands: [
      StartCommand.self, TestCommand.self, StatusCommand.self, ReplayCommand.self, VerifyCommand.self,
      DemoCommand.self, BenchCommand.self, DoctorCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let code as ExitCode {
      exit(withError: code)
    } catch let error as LabError {
      Screen.complain(error.description)
      exit(withError: ExitCode(70))
    } catch let error as RecordsError {
      Screen.complain(error.description)
      exit(withError: ExitCode(70))
    } catch let error as BuildFailure {
      Screen.complain(error.description)
      exit(withError: ExitCode(3))
    } catch {
      exit(withError: error)
    }
  }

  /// The suite of a week, by its name.
  static func suite(_ week: String) throws -> Suite {
    if let suite = Suites.all.first(where: { $0.week == week }) { return suite }
    throw ValidationError(
      "there is no week named \"\(week)\"; there is \(Suites.all.map(\.week).joined(separator: ", "))")
  }

  static var currentFolder: URL { URL(fileURLWithPath: FileManager.default.currentDirectoryPath) }

  /// The week that a command means: the one named, the one whose folder one stands in, or the only one started.
  static func suite(in course: Course, named week: String?) throws -> Suite {
    if let week { return try suite(week) }
    let here = currentFolder.standardizedFileURL.path
    let started = Suites.all.filter { FileManager.default.fileExists(atPath: course.folder(of: $0).path) }
    if let suite = started.first(where: { here.hasPrefix(course.folder(of: $0).path) }) { return suite }
    guard let suite = started.last else { throw LabError("no week has been started. Type: lab start week1") }
    return suite
  }

  static func parse(seed text: String?) throws -> UInt64? {
    guard let text else { return nil }
    let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
    guard let seed = UInt64(digits, radix: 16) else {
      throw ValidationError("\"\(text)\" is no seed; a seed is a number of up to 16 hexadecimal digits")
    }
    return seed
  }
}
