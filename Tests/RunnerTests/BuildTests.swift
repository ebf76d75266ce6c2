import Foundation
import Glibc
import LabKit
import Runner
import Testing

/// What becomes of a student's sources on their way to a program.
@Suite("Builds", .serialized)
struct BuildTests {
  private func errors(_ student: StudentCourse) throws -> [String] {
    try #require(throws: BuildFailure.self) { try student.build() }.errors
  }

  private func manifest(_ student: StudentCourse) -> URL {
    student.course.folder(of: student.suite).appendingPathComponent("Package.swift")
  }

  @Test("a missing Package.swift is named, with the command that brings it back")
  func missingManifest() throws {
    let student = try StudentCourse("builds")
    try FileManager.default.removeItem(at: manifest(student))
    let errors = try errors(student)
    #expect(errors.count == 1)
    #expect(errors.first?.hasPrefix("week1/Package.swift is missing. Type `lab start week1`") == true)
  }

  @Test("a Package.swift that does not parse is named with its line, without the compiler's command")
  func brokenManifest() throws {
    let student = try StudentCourse("builds")
    let file = manifest(student)
    let text = try String(contentsOf: file, encoding: .utf8)
    defer { try? text.write(to: file, atomically: true, encoding: .utf8) }
    try text.replacingOccurrences(of: "name: \"week1\",", with: "name: \"week1\" oops(")
      .write(to: file, atomically: true, encoding: .utf8)
    let errors = try errors(student)
    #expect(errors.first?.hasPrefix("Package.swift:5:") == true, "\(errors)")
    #expect(!errors.contains { $0.contains("Invalid manifest") })
  }

  @Test("a linker error is named with the student's file and line, and nothing else")
  func linkerError() throws {
    let student = try StudentCourse("builds")
    let file = student.sources.appendingPathComponent("Link.swift")
    defer { try? FileManager.default.removeItem(at: file) }
    try student.write(
      """
      @_silgen_name("no_such_symbol") func noSuchSymbol() -> Int
      extension Raft { func useIt() -> Int { noSuchSymbol() } }
      """, to: "Link.swift")
    #expect(
      try errors(student) == ["Sources/Raft/Link.swift:2: error: undefined reference to 'no_such_symbol'"])
  }

  @Test("a program whose file somebody still holds open for writing is started when it is let go")
  func busyProgram() throws {
    let student = try StudentCourse("builds")
    let program = try student.build()
    let scenario = Scenario("0.calm", "nothing happens", points: 1, program: "raft", clusterSizes: [3]) {
      trial in
      trial.boot(trial.nodes)
      try trial.advance(milliseconds: 1)
    }
    let held = open(program, O_WRONLY)
    try #require(held >= 0)
    // A thread of its own: the queues may be full of other tests.
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.2)
      close(held)
    }
    let result = SuiteRunner(program: program, baseSeed: 1).runSeed(
      scenario, 1, ProcessPool(program: program))
    #expect(result.outcome == .passed, "\(result.message ?? "")")
  }

  @Test("each of twenty edits, built one right after the other, is what runs")
  func quickSuccession() throws {
    let student = try StudentCourse("builds")
    let start = "  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {\n"
    try student.replace(start, with: start + "    stop()\n")
    let scenario = Scenario("0.mark", "stops at once", points: 1, program: "raft", clusterSizes: [3]) {
      trial in
      trial.boot([1])
      try trial.advance(milliseconds: 1)
    }
    for number in 1...20 {
      // The same length each time, the same date from the eleventh on; every third time the neighbour is written anew as well, as it was.
      try student.write(
        "extension Raft {\n  func stop() { fatalError(\"edit \(100 + number)\") }\n}\n", to: "Raft+Stop.swift"
      )
      if number % 3 == 0 { try student.replace(start, with: start) }
      if number > 10 {
        // As an archive unpacks it: two contents with one time.
        let file = student.sources.appendingPathComponent("Raft+Stop.swift")
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1_700_000_000)], ofItemAtPath: file.path)
      }
      let program = try student.build()
      let result = SuiteRunner(program: program, baseSeed: 1).runSeed(
        scenario, 1, ProcessPool(program: program))
      #expect(
        result.message?.contains("Fatal error: edit \(100 + number), ") == true, "\(result.message ?? "")")
    }
  }

  @Test("a program that is copied while others are started can be started at once")
  func copiedProgramIsNotBusy() throws {
    let files = FileManager.default
    let place = files.temporaryDirectory.appendingPathComponent("copied-\(getpid())")
    try files.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: place) }
    // A program that is long to copy, so that others are started meanwhile.
    let source = place.appendingPathComponent("source")
    var program = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
    program.append(Data(count: 20_000_000))
    try program.write(to: source)
    let others = Thread {
      for _ in 0..<100 {
        Self.spawn("/bin/sleep", "3")
        usleep(5_000)
      }
    }
    others.start()
    var busy = 0
    for number in 0..<30 {
      let copy = place.appendingPathComponent("copy-\(number)")
      try files.copyProgram(at: source, to: copy)
      // A process between fork and exec holds a copy for a moment even so; an inherited file, for three seconds.
      let started = (0..<50).contains { attempt in
        if attempt > 0 { usleep(10_000) }
        return Self.spawn(copy.path) != ETXTBSY
      }
      if !started { busy += 1 }
      try files.removeItem(at: copy)
    }
    #expect(busy == 0)
  }

  /// Starts a program that nobody waits for; it ends by itself.
  @discardableResult private static func spawn(_ words: String...) -> Int32 {
    var child: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    return posix_spawn(&child, words[0], nil, nil, &arguments, environ)
  }
}
