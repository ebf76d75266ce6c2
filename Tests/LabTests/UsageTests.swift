import Foundation
import Testing

@Suite("What a student types")
struct UsageTests {
  private func emptyFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lab-usage-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test(
    "a wrong word leaves with 64 and an answer that helps, and writes nothing",
    arguments: [
      (["tset"], "Did you mean: lab test"), (["grde"], "There are: start, test"),
      (["start"], "lab start week1"), (["start", "wek1"], "Did you mean week1?"),
      (["start", "week9"], "There is: week1 (Raft)"),
      (["start", "week1", "--language", "de"], "en (English) and ko"),
      (["test"], "lab start week1"), (["status"], "lab start week1"), (["hint"], "lab start week1"),
      (["replay"], "lab start week1"), (["test", "--seeds", "0"], "from 1 on"),
      (["test", "--for", "10"], "90s, 10m"),
      (["read", "xxxx"], "There are: week1, 1A, 1B"), (["read", "9Z", "--week", "week4"], "4A"),
      (["read", "maturty"], "Did you mean: lab read maturity"),
      (["replay", "--at", "3"], "type --debug too"),
      (["replay", "--debug", "--step"], "one of them at a time"),
      (["chart", "2Z"], "There is: 2B (your ring"), (["chart", "2B"], "lab start week1"),
    ])
  func wrong(arguments: [String], answer: String) throws {
    let folder = try emptyFolder()
    let said = try LabProcess(arguments, in: folder).wait()
    #expect(said.status == 64)
    #expect(said.errors.contains(answer), "\(said.errors)")
    #expect(said.output.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test(
    "a wrong word in a course folder leaves with 64, says what was meant, and records no run",
    arguments: [
      (["test", "1Z"], "Did you mean 1A?"), (["test", "elct"], "Did you mean 1A.elect?"),
      (["test", "--week", "week7"], "There is: week1"), (["test", "--seed", "xyz"], "hexadecimal"),
      (["test", "--junit", "/no/such/folder/file"], "no folder /no/such/folder"),
      (["replay", "7"], "no failure 7"),
      (["hint", "9A"], "It has:"), (["test", "--watch", "--json"], "for a person"),
      (["chart", "2B"], "lab start week2"), (["chart", "2B", "--seed", "xyz"], "hexadecimal"),
    ])
  func wrongInCourse(arguments: [String], answer: String) throws {
    let course = try PreparedCourse.copy()
    let said = try LabProcess(arguments, in: course).wait()
    #expect(said.status == 64)
    #expect(said.errors.contains(answer), "\(said.errors)")
    #expect(said.output.isEmpty)
    #expect(try LabProcess.run("status", in: course).output.contains("Last runs") == false)
  }

  @Test(
    "what is unambiguous is understood, whatever its case",
    arguments: [["1a.ELECT"], ["elect"], ["Week1"], ["1A", "--week", "1"], ["1A", "--week", "raft"]])
  func understood(names: [String]) throws {
    let course = try PreparedCourse.copy()
    let said = try LabProcess(["TEST", "--seeds", "1"] + names, in: course).wait()
    #expect(said.status == 0, "\(said.errors)")
    #expect(said.output.contains("✔ 1A.elect"))
  }

  @Test("a week may be started by its title")
  func title() throws {
    let folder = try emptyFolder()
    #expect(try LabProcess.run("start", "RAFT", in: folder).status == 0)
    #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("week1/Package.swift").path))
  }

  @Test("a stage's name says which week is meant, where several are begun")
  func weekOfStage() throws {
    let folder = try emptyFolder()
    for week in ["week1", "week2"] {
      #expect(try LabProcess.run("start", week, in: folder).status == 0)
    }
    for (name, week) in [("1A.nothing", "week1"), ("2A.nothing", "week2"), ("nothing", "week2")] {
      let said = try LabProcess.run("test", name, in: folder)
      #expect(said.status == 64)
      #expect(said.errors.contains("\(week) has no stage or scenario \"\(name)\""), "\(said.errors)")
    }
    #expect(try LabProcess.run("hint", "2B", in: folder).output.contains("Hint 1 of"))
  }

  @Test("a command works from inside the week's folder")
  func insideWeek() throws {
    let course = try PreparedCourse.copy()
    let said = try LabProcess.run(
      "test", "1A.elect", "--seeds", "1", in: course.appendingPathComponent("week1/Sources/Raft"))
    #expect(said.status == 0)
  }
}
