import ArgumentParser
import Foundation
import Runner

struct StartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Unpack a week's handout, code and tests into this folder.",
    discussion: "A file that is there already is never changed.")

  @Argument(help: "The week, such as week1.") var week: String
  @Option(help: "The handout's language: en or ko.") var language = "en"

  func run() throws {
    guard ["en", "ko"].contains(language) else {
      throw ValidationError("handouts come in en and ko, not in \"\(language)\"")
    }
    let suite = try Lab.suite(week)
    for line in try Course.start(suite, in: Lab.currentFolder, language: language) { Screen.say(line) }
    Screen.say("\nRead \(week)/README.md, then type: lab test")
  }
}
