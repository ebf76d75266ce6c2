/// Whether what cannot be delivered is put aside without harm to the rest: in order for each key, after a bounded number of
/// attempts, and lost nowhere (Hohpe and Woolf, "Enterprise Integration Patterns", 2003: dead letter channel).
public struct ParcelRules: Sendable {
  /// A parcel that was rejected fewer times than this is not given up.
  public let leastAttempts: Int
  /// No parcel may be rejected more often than this; nil if that is not judged.
  public let mostAttempts: Int?
  /// The parcels of each customer, in the order in which they are to go out.
  private var parcels: [String: [String]] = [:]
  /// How many of them have gone out.
  private var taken: [String: Int] = [:]
  private var rejections: [String: Int] = [:]
  /// The parcels of each customer that were given up, and those behind them, as they came among the dead letters first.
  private var letters: [String: [String]] = [:]
  /// The customers whose parcels were handed over again: letters of theirs may come late.
  private var redriven: Set<String> = []

  public init(leastAttempts: Int, mostAttempts: Int?) {
    self.leastAttempts = leastAttempts
    self.mostAttempts = mostAttempts
  }

  // MARK: As it happens

  /// Another parcel is to go out.
  public mutating func expect(_ id: String, of customer: String) { parcels[customer, default: []].append(id) }

  /// The carrier has taken a parcel.
  public mutating func noteTaken(_ id: String, of customer: String) throws(Violation) {
    let all = parcels[customer] ?? []
    let next = taken[customer] ?? 0
    guard all.contains(id) else {
      throw violation(
        "Nothing is handed over that nobody sent", "\(id) of \(customer) is taken; there is none.")
    }
    guard next < all.count, all[next] == id else {
      throw violation(
        "Parcels of a customer in order",
        "\(id) of \(customer) is taken, and \(next < all.count ? all[next] : "it"), which comes before it, is not."
      )
    }
    taken[customer] = next + 1
  }

  /// The carrier has rejected a parcel.
  public mutating func noteRejected(_ id: String) throws(Violation) {
    rejections[id, default: 0] += 1
    guard let mostAttempts, let count = rejections[id], count > mostAttempts else { return }
    throw violation(
      "No parcel is tried for ever",
      "\(id) was rejected \(count) times; after \(mostAttempts) it is given up.")
  }

  /// A parcel is a dead letter, for the first time or again.
  public mutating func noteLetter(_ id: String, of customer: String) throws(Violation) {
    let all = parcels[customer] ?? []
    guard let place = all.firstIndex(of: id) else {
      throw violation(
        "Nothing is handed over that nobody sent", "\(id) of \(customer) is a dead letter; there is none.")
    }
    let known = letters[customer] ?? []
    guard !known.contains(id) else { return }
    letters[customer] = known + [id]
    // The first of them was given up; the others follow it, in their order.
    if let last = known.last, let before = all.firstIndex(of: last) {
      guard place > before else {
        throw violation(
          "Dead letters of a customer in order",
          "\(id) of \(customer) is a dead letter after \(last), and was sent before it.")
      }
      // Whatever lies between the two has gone out, or has to be there first.
      guard let missing = all[(before + 1)..<place].first(where: { !hasGoneOut($0, of: customer) }) else {
        return
      }
      throw violation(
        "Dead letters of a customer in order",
        "\(id) of \(customer) is a dead letter before \(missing), which was sent before it.")
    }
    let count = rejections[id] ?? 0
    guard count < leastAttempts, !redriven.contains(customer) else { return }
    throw violation(
      "What can be delivered is no dead letter",
      "\(id) of \(customer) is a dead letter after \(count) rejections, and nothing before it was given up; what is rejected "
        + "fewer than \(leastAttempts) times is handed over again.")
  }

  private func hasGoneOut(_ id: String, of customer: String) -> Bool {
    (parcels[customer] ?? []).prefix(taken[customer] ?? 0).contains(id)
  }

  /// An operator lets a customer's parcels be handed over again.
  public mutating func redrive(_ customer: String) {
    for id in parcels[customer] ?? [] { rejections[id] = nil }
    redriven.insert(customer)
  }

  public var takenCount: Int { taken.values.reduce(0, +) }

  // MARK: In the end

  /// How many of a customer's parcels have not gone out.
  public func waiting(of customer: String) -> Int { (parcels[customer] ?? []).count - (taken[customer] ?? 0) }

  /// Judges what has become of all parcels.
  ///
  /// - Parameters:
  ///   - refused: the parcels that the carrier never takes.
  ///   - letters: the dead letters, in their order.
  public func checkEnd(refused: Set<String>, letters: [(id: String, customer: String)]) -> Verdict {
    for (customer, all) in parcels.sorted(by: { $0.key < $1.key }) {
      let gone = taken[customer] ?? 0
      let end = all.firstIndex { refused.contains($0) } ?? all.count
      guard gone >= end else {
        return .violated(
          violation(
            "What can be delivered is delivered",
            "\(all[gone]) of \(customer) has not gone out, and the carrier would take it."))
      }
      let written = letters.filter { $0.customer == customer }.map(\.id)
      let held = all[end...]
      if let missing = held.first(where: { !written.contains($0) }) {
        return .violated(
          violation(
            "What cannot be delivered is a dead letter",
            missing == held.first
              ? "The carrier will not take \(missing) of \(customer), and it is not among the dead letters."
              : "\(missing) of \(customer) waits behind \(all[end]), and is not among the dead letters."))
      }
      if !redriven.contains(customer), let wrong = written.first(where: { !held.contains($0) }) {
        return .violated(
          violation(
            "What can be delivered is no dead letter",
            "\(wrong) of \(customer) is among the dead letters, and the carrier \(all[..<end].contains(wrong) ? "took it" : "knows of none")."
          ))
      }
      let order = held.compactMap { written.firstIndex(of: $0) }
      if order != order.sorted() {
        return .violated(
          violation(
            "Dead letters of a customer in order",
            "The dead letters of \(customer) are \(written.joined(separator: ", ")); they were sent as "
              + "\(held.joined(separator: ", "))."))
      }
    }
    return .holds
  }

  private func violation(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "Hohpe and Woolf, dead letter channel", evidence: evidence)
  }
}
