import Foundation
import Reports
import Runner

/// Works through patches of the solution side by side, each worker in a course folder of its own: a build keeps one processor
/// busy, and there are more.
enum PatchBench {
  private static let workers = min(4, ProcessInfo.processInfo.activeProcessorCount)

  /// Calls `work` for each patch with a course that it has been applied to, and `tell` with what came of it, in the order of
  /// the patches, as soon as those before are done.
  ///
  /// - Throws: the error of the first patch whose work threw one. No patch is begun after that.
  static func forEach<Result: Sendable>(
    _ patches: [URL], of suite: Suite,
    _ work: @escaping @Sendable (_ patch: URL, _ course: Course) throws -> Result,
    tell: (_ patch: URL, _ result: Result) -> Void
  ) throws {
    let queue = Queue<Result>(count: patches.count)
    // The calling thread tells, and the others work.
    let group = DispatchGroup()
    defer { group.wait() }
    for worker in 0..<min(workers, patches.count) {
      let folder = worker == 0 ? "patched" : "patched-beside-\(worker)"
      let thread = Thread {
        while let number = queue.take() {
          queue.put(
            Swift.Result {
              let course = try SolutionCourse.make(suite, named: folder, patch: patches[number])
              return try work(patches[number], course)
            }, at: number)
        }
        group.leave()
      }
      // Judges recurse deeply; a thread's ordinary stack is a fraction of the main thread's.
      thread.stackSize = 8 << 20
      group.enter()
      thread.start()
    }
    for (number, patch) in patches.enumerated() { tell(patch, try queue.wait(for: number)) }
  }

  /// What the workers share, behind a lock.
  private final class Queue<Result: Sendable>: @unchecked Sendable {
    // Every access to the fields below holds the lock.
    private let condition = NSCondition()
    private let count: Int
    private var taken = 0
    private var results: [Int: Swift.Result<Result, any Error>] = [:]
    private var error: (any Error)?

    init(count: Int) { self.count = count }

    func take() -> Int? {
      condition.withLock {
        guard taken < count else { return nil }
        defer { taken += 1 }
        return taken
      }
    }

    func put(_ result: Swift.Result<Result, any Error>, at number: Int) {
      condition.withLock {
        results[number] = result
        if case .failure(let error) = result {
          self.error = self.error ?? error
          taken = count
        }
        condition.broadcast()
      }
    }

    /// The result of a patch, when it is there, or the error that kept it from being begun.
    func wait(for number: Int) throws -> Result {
      try condition.withLock {
        while true {
          if let result = results.removeValue(forKey: number) { return try result.get() }
          if let error { throw error }
          condition.wait()
        }
      }
    }
  }
}
