/// Whether requests with idempotency keys took effect once each: those that read alike are one request, however often it is
/// sent, and a key that is used for something else is refused (Helland, "Life beyond distributed transactions", 2007; Stripe's
/// and the IETF's Idempotency-Key header).
public struct IdempotentRequests: Sendable {
  /// A request as one client sent it once. Times are microseconds.
  public struct Request: Sendable {
    public enum Answer: Sendable, Equatable {
      /// It took effect, under this name.
      case done(id: String)
      /// The key stands for something else.
      case conflict
    }

    /// Whose key it is, and the key.
    public var name: String
    public var body: String
    public var call: Int
    public var answer: Answer?
    public var time: Int?

    public init(name: String, body: String, call: Int) {
      self.name = name
      self.body = body
      self.call = call
    }
  }

  /// What there is in the end.
  public struct Effect: Sendable {
    public var id: String
    public var name: String
    public var body: String

    public init(id: String, name: String, body: String) {
      self.id = id
      self.name = name
      self.body = body
    }
  }

  public init() {}

  public func check(_ requests: [Request], effects: [Effect]) -> Verdict {
    do {
      let byID = try judge(effects, requests)
      for request in requests {
        switch request.answer {
        case .done(let id): try judge(request, done: byID[id], id)
        case .conflict: try judge(conflict: request, among: requests)
        case nil: continue
        }
      }
      return .holds
    } catch { return .violated(error) }
  }

  /// Each key has one effect at most, which was asked for. Returns the effects by their names.
  private func judge(_ effects: [Effect], _ requests: [Request]) throws(Violation) -> [String: Effect] {
    var byName: [String: Effect] = [:]
    var byID: [String: Effect] = [:]
    for effect in effects {
      if let other = byName.updateValue(effect, forKey: effect.name) {
        throw violation(
          "One effect a key",
          "\(effect.name) stands for \(other.id) (\(other.body)) and for \(effect.id) (\(effect.body)).")
      }
      if let other = byID.updateValue(effect, forKey: effect.id) {
        throw violation(
          "One effect a key",
          "\(effect.id) is the name of what \(other.name) stands for, and of what \(effect.name) does.")
      }
      guard requests.contains(where: { $0.name == effect.name && $0.body == effect.body }) else {
        throw violation(
          "Nothing happens unasked",
          "\(effect.id) is \(effect.body) for \(effect.name), which nobody asked for.")
      }
    }
    return byID
  }

  private func judge(_ request: Request, done effect: Effect?, _ id: String) throws(Violation) {
    guard let effect else {
      throw violation(
        "What is acknowledged lasts",
        "\(request.name) was told that \(request.body) is done, as \(id); it is not on the disk.")
    }
    guard effect.name == request.name else {
      throw violation(
        "A key is its user's own",
        "\(request.name) was told that \(request.body) is done, as \(id); that is what \(effect.name) asked for."
      )
    }
    guard effect.body == request.body else {
      throw violation(
        "A key stands for one request",
        "\(request.name) asked for \(request.body) and was answered by \(id), which is \(effect.body).")
    }
  }

  private func judge(conflict request: Request, among requests: [Request]) throws(Violation) {
    let others = requests.contains {
      $0.name == request.name && $0.body != request.body && $0.call <= request.time ?? .max
    }
    guard !others else { return }
    throw violation(
      "A repeated request is the same",
      "\(request.name) asked for \(request.body) again and was refused; nothing else was ever asked under that key."
    )
  }

  private func violation(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "Idempotency-Key", evidence: evidence)
  }
}
