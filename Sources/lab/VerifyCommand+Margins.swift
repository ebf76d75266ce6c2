import Foundation
import Reports
import Runner

extension VerifyCommand {
  /// What one design needed of what a scenario bounds.
  private struct Need {
    let scenario: String
    let design: String
    let measurement: BoundedQuantity
  }

  /// Prints every bound beside the worst that the solution and any correct variant needed. A bound should be at least
  /// three times the worst need.
  func verifyMargins(_ suite: Suite, _ base: UInt64) throws {
    var needs: [Need] = []
    for patch in [nil] + (try patches("Variants", suite)).map(Optional.some) {
      let design = patch?.deletingPathExtension().lastPathComponent ?? "solution"
      let course = try SolutionCourse.make(suite, named: patch == nil ? "solution" : "patched", patch: patch)
      let program = try SwiftBuild(suite, in: course, .release).build()
      Screen.note("measuring \(design)")
      var runner = SuiteRunner(program: program, baseSeed: base)
      runner.keepsMeasurements = true
      for scenario in try scenarios(for: patch, suite) {
        // A scenario that measures nothing in its first run has no budget.
        guard !runner.run(scenario, seeds: 1).measurements.isEmpty else { continue }
        for measurement in runner.run(scenario, seeds: seeds, keepsGoing: true).measurements {
          needs.append(Need(scenario: scenario.id, design: design, measurement: measurement))
        }
      }
    }
    Screen.say(
      "\(Screen.pad("scenario", 12)) \(Screen.pad("quantity", 44)) \(Screen.pad("bound", 10)) "
        + "\(Screen.pad("solution", 9)) \(Screen.pad("worst", 7)) \(Screen.pad("margin", 7)) of")
    let quantities = Dictionary(grouping: needs) { "\($0.scenario) \($0.measurement.quantity)" }
    for (_, needs) in quantities.sorted(by: { $0.key < $1.key }) {
      guard let first = needs.first else { continue }
      let worst = needs.dropFirst().reduce(first) {
        $0.measurement.worse($1.measurement) == $0.measurement ? $0 : $1
      }
      let (bound, margin) = Self.describe(worst.measurement)
      let own = needs.first { $0.design == "solution" }.map { "\($0.measurement.value)" } ?? "-"
      Screen.say(
        "\(Screen.pad(first.scenario, 12)) \(Screen.pad(first.measurement.quantity, 44)) \(Screen.pad(bound, 10)) "
          + "\(Screen.pad(own, 9)) \(Screen.pad("\(worst.measurement.value)", 7)) \(Screen.pad(margin, 7)) "
          + worst.design)
    }
  }

  private static func describe(_ measurement: BoundedQuantity) -> (bound: String, margin: String) {
    func ratio(_ upper: Int, _ lower: Int) -> String {
      let hundredths = upper * 100 / max(1, lower)
      return "\(hundredths / 100).\(hundredths % 100 / 10)×"
    }
    return switch measurement.bound {
    case .atMost(let most): ("at most \(most)", ratio(most, measurement.value))
    case .atLeast(let least): ("at least \(least)", ratio(measurement.value, least))
    }
  }
}
