/// Judges what all seeds of a scenario come to together, in bands: one after the other gives more points and asks for more.
public struct Pool: Sendable {
  /// What is measured over all seeds.
  public struct Quantity: Sendable {
    /// With its unit: "ms for 99 % of the pages".
    public let name: String
    public let isToBeGreat: Bool
    /// Nil if there was nothing to measure.
    public let value: @Sendable (Tally) -> Int?

    /// - Parameter isToBeGreat: whether bands ask for at least so much, instead of at most.
    public init(_ name: String, isToBeGreat: Bool = false, value: @escaping @Sendable (Tally) -> Int?) {
      self.name = name
      self.isToBeGreat = isToBeGreat
      self.value = value
    }

    func bound(_ limit: Int) -> BoundedQuantity.Bound { isToBeGreat ? .atLeast(limit) : .atMost(limit) }
  }

  public struct Band: Sendable {
    /// What it gives beside the points of the bands below it.
    public let points: Int
    /// For each quantity what it asks for, if anything.
    public let limits: [Int?]

    public init(points: Int, _ limits: [Int?]) {
      self.points = points
      self.limits = limits
    }
  }

  /// What all seeds come to together.
  public struct Verdict: Sendable, Equatable {
    /// Of each quantity; nil if there was nothing to measure.
    public let values: [Int?]
    /// How many bands are reached, from the lowest on.
    public let reached: Int
    public let points: Int
  }

  /// What is broken where the highest band is missed.
  public let property: String
  /// With fewer seeds nothing is judged: percentiles of a few runs are luck.
  public let leastSeeds: Int
  public let quantities: [Quantity]
  /// From the lowest to the highest.
  public let bands: [Band]

  public init(property: String, leastSeeds: Int, quantities: [Quantity], bands: [Band]) {
    self.property = property
    self.leastSeeds = leastSeeds
    self.quantities = quantities
    self.bands = bands
  }

  /// The points of all bands.
  public var points: Int { bands.reduce(0) { $0 + $1.points } }

  /// Which bands are reached, up to the first one that is not.
  public func judge(_ tally: Tally) -> Verdict {
    let values = quantities.map { $0.value(tally) }
    let reached = bands.prefix { missed(by: values, in: $0).isEmpty }
    return Verdict(
      values: values, reached: reached.count, points: reached.reduce(0) { $0 + $1.points })
  }

  /// Why a verdict gives no more points; nil if it gives all of them.
  public func message(for verdict: Verdict) -> String? {
    guard verdict.reached < bands.count else { return nil }
    let reasons = missed(by: verdict.values, in: bands[verdict.reached]).map { position, limit in
      let quantity = quantities[position]
      let value = verdict.values[position].map { "\($0)" } ?? "none"
      return "\(quantity.name): \(value) instead of \(quantity.isToBeGreat ? "at least" : "at most") \(limit)"
    }
    let reached = verdict.reached == 0 ? "no band" : "band \(verdict.reached)"
    return
      "\(property): \(reached) of \(bands.count) is reached, for \(verdict.points) of \(points) points. "
      + "What band \(verdict.reached + 1) asks for is missed: \(reasons.joined(separator: "; "))."
  }

  /// All that the highest band asks for, as it was measured.
  public func measurements(of verdict: Verdict) -> [BoundedQuantity] {
    zip(quantities, zip(verdict.values, bands.last?.limits ?? [])).compactMap { quantity, measured in
      guard let value = measured.0, let limit = measured.1 else { return nil }
      return BoundedQuantity(quantity: quantity.name, value: value, bound: quantity.bound(limit))
    }
  }

  /// Whether a value is what a limit asks for.
  public func isMet(_ limit: Int, by value: Int?, of quantity: Quantity) -> Bool {
    value.map {
      BoundedQuantity(quantity: quantity.name, value: $0, bound: quantity.bound(limit)).isWithinBound
    } ?? false
  }

  private func missed(by values: [Int?], in band: Band) -> [(position: Int, limit: Int)] {
    quantities.indices.compactMap { position in
      guard let limit = band.limits[position], !isMet(limit, by: values[position], of: quantities[position])
      else { return nil }
      return (position, limit)
    }
  }
}

extension ScenarioResult {
  /// What becomes of a result whose seeds have all passed: their sum decides. Of too few seeds nothing is made.
  public mutating func judgeTogether(_ tallies: [Tally], by pool: Pool) {
    guard tallies.count >= pool.leastSeeds else {
      outcome = .notExercised
      message =
        "\(tallies.count) seeds passed; the bands are judged over all seeds together, and over no fewer than \(pool.leastSeeds)"
      return
    }
    let verdict = pool.judge(tallies.reduce(into: Tally()) { $0.merge($1) })
    pooled = verdict
    measurements = (measurements + pool.measurements(of: verdict)).worst
    guard let reason = pool.message(for: verdict) else { return }
    outcome = .failed
    message = reason
  }
}
