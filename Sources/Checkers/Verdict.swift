/// What a checker says about a run.
public enum Verdict: Sendable, Equatable {
  /// The property held everywhere.
  case holds
  /// The property broke, and this is the evidence.
  case violated(Violation)
  /// The checker ran out before it could tell.
  case undecided(reason: String)
}

/// A property that broke, in the field's words, with the evidence.
public struct Violation: Error, Sendable, Equatable {
  /// What sort of promise was broken.
  public enum Kind: Sendable {
    /// Something happened that must never happen.
    case safety
    /// Something did not happen that must happen in time.
    case progress
    /// Something took more than is allowed.
    case budget
  }

  public var kind: Kind
  /// The property's name, such as "Election safety".
  public var property: String
  /// Where the property is stated, such as "Raft, Figure 3".
  public var section: String
  /// One or two plain sentences that name nodes (n1, n2, …), terms and indices.
  public var evidence: String
  /// The nodes concerned, counted from 0.
  public var nodes: [Int]
  /// The part of a history that no order can explain, where a history was judged.
  public var contradiction: Contradiction?

  /// - Parameter kind: by the property's name if nil: "No progress: …" is one of progress, all others of safety.
  public init(
    property: String, section: String, evidence: String, nodes: [Int] = [], kind: Kind? = nil,
    contradiction: Contradiction? = nil
  ) {
    self.kind = kind ?? (property.hasPrefix("No progress") ? .progress : .safety)
    self.property = property
    self.section = section
    self.evidence = evidence
    self.nodes = nodes
    self.contradiction = contradiction
  }
}

extension Violation: CustomStringConvertible {
  /// The property and its evidence in one line.
  public var description: String { "\(property): \(evidence) (\(section))" }
}
