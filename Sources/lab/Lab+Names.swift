import ArgumentParser
import Foundation
import Runner
import Suites

/// What the words on the command line mean.
extension Lab {
  /// The arguments with the command in its own spelling; throws if there is no such command.
  static func correctedCommand(_ arguments: [String]) throws(UsageError) -> [String] {
    guard let typed = arguments.first, !typed.hasPrefix("-") else { return arguments }
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    if known.contains(typed.lowercased()) { return [typed.lowercased()] + arguments.dropFirst() }
    let nearest = NearestName.of(typed, among: known)
    throw UsageError(
      nearest.map { "there is no command \"\(typed)\". Did you mean: lab \($0)" }
        ?? "there is no command \"\(typed)\". There are: \(known.joined(separator: ", "))")
  }

  /// The suite that a word means: "week1", its number or its title.
  static func suite(_ word: String) throws(UsageError) -> Suite {
    let wanted = word.lowercased()
    let found = Suites.all.first { suite in
      [suite.week, suite.title, suite.folder].contains { $0.lowercased() == wanted }
        || suite.week == "week" + wanted
    }
    if let found { return found }
    let weeks = Suites.all.map { "\($0.week) (\($0.title))" }.joined(separator: ", ")
    let near = NearestName.of(word, among: Suites.all.map(\.week) + Suites.all.map(\.title))
    throw UsageError(
      "there is no week \"\(word)\".\(near.map { " Did you mean \($0)?" } ?? "") There is: \(weeks)")
  }

  /// The week that a command means: the one named, the one whose folder one stands in, or the last one started.
  static func suite(in course: Course, named week: String?) throws -> Suite {
    let started = Suites.all.filter { FileManager.default.fileExists(atPath: course.folder(of: $0).path) }
    if let week {
      let suite = try suite(week)
      guard started.contains(where: { $0.week == suite.week }) else {
        throw CourseError.notStarted(week: suite.week, folder: course.folder.path)
      }
      return suite
    }
    let here = currentFolder.standardizedFileURL.path + "/"
    if let suite = started.first(where: { here.hasPrefix(course.folder(of: $0).path + "/") }) { return suite }
    guard let suite = started.last else {
      throw CourseError.notStarted(week: Suites.all[0].week, folder: course.folder.path)
    }
    return suite
  }

  /// The week that has a stage of this name, such as 1A, or the stage of a scenario, such as 1A.elect.
  static func suite(withStage name: String) -> Suite? {
    let wanted = name.lowercased().prefix { $0 != "." }
    return Suites.all.first { suite in suite.stages.contains { $0.id.lowercased() == wanted } }
  }

  static func language(_ text: String?) throws(UsageError) -> CourseLanguage? {
    guard let text else { return nil }
    guard let language = CourseLanguage(rawValue: text.lowercased()) else {
      let known = CourseLanguage.allCases.map { "\($0.rawValue) (\($0.name))" }.joined(separator: " and ")
      throw UsageError("--language: handouts come in \(known), not in \"\(text)\"")
    }
    return language
  }

  static func parse(seed text: String?) throws -> UInt64? {
    guard let text else { return nil }
    let digits = text.lowercased().hasPrefix("0x") ? String(text.dropFirst(2)) : text
    guard let seed = UInt64(digits, radix: 16) else {
      throw UsageError("--seed: \"\(text)\" is no seed; a seed is a number of up to 16 hexadecimal digits")
    }
    return seed
  }
}
