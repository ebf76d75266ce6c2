/// Whether the pages of a gateway are right, whatever has become of the services: each in time, each section what an instance
/// has answered about this user, undamaged, and marked if it was kept.
///
/// It is told, in their order, what clients ask, what instances answer, and what clients are told. Times are in microseconds.
public struct GatewayRules: Sendable {
  /// A part of a page as the client gets it.
  public enum Section: Hashable, Sendable {
    case fresh(String), kept(String), missing
  }

  /// What an instance has answered.
  public struct Answer: Sendable {
    public let part: String
    public let user: String
    public let at: Int

    public init(part: String, user: String, at time: Int) {
      self.part = part
      self.user = user
      at = time
    }
  }

  /// What a client has been shown as fresh, of a page that it asked for at this time.
  public struct Shown: Sendable {
    public let text: String
    public let askedAt: Int
  }

  /// What a section is about.
  private struct Subject: Hashable {
    let part: String
    let user: String
  }

  private struct Request: Sendable {
    let name: String
    let user: String
    let at: Int
  }

  /// A page is answered within this time.
  private let limit: Int
  /// So late the client may be told.
  private let margin: Int
  /// What is kept may be as old as this when it is shown.
  private let oldest: Int
  private var answers: [String: Answer] = [:]
  private var open: [Int: Request] = [:]
  /// Of the newest page that showed it fresh.
  private var shown: [Subject: Shown] = [:]

  public init(limit: Int, margin: Int, oldest: Int) {
    self.limit = limit
    self.margin = margin
    self.oldest = oldest
  }

  // MARK: As it happens

  public mutating func asked(_ request: Int, _ name: String, for user: String, at time: Int) {
    open[request] = Request(name: name, user: user, at: time)
  }

  /// An instance answers this text, which is like no other.
  public mutating func answered(_ text: String, _ answer: Answer) {
    answers[text] = answer
  }

  /// When an instance has answered this; nil if none has.
  public func time(of text: String) -> Int? { answers[text]?.at }

  /// What the newest page of a user that showed a part fresh has shown; nil if there is none.
  public func shown(_ part: String, of user: String) -> Shown? {
    shown[Subject(part: part, user: user)]
  }

  /// A client is told its page, as sections by the parts' names.
  ///
  /// - Throws: the rule that it breaks.
  public mutating func told(_ request: Int, _ sections: [(part: String, Section)], at time: Int)
    throws(Violation)
  {
    guard let request = open.removeValue(forKey: request) else { return }
    for (part, section) in sections {
      switch section {
      case .fresh(let text):
        let answer = try answer(text, part, request)
        guard answer.at >= request.at else {
          throw broken(
            "What is kept is marked",
            "\(request.name) shows \(part) as fresh that were answered \(milliseconds(request.at - answer.at)) before the page was asked for: \"\(text)\"."
          )
        }
        let subject = Subject(part: part, user: request.user)
        if let newer = shown[subject], newer.askedAt > request.at { continue }
        shown[subject] = Shown(text: text, askedAt: request.at)
      case .kept(let text):
        let answer = try answer(text, part, request)
        guard time - answer.at <= oldest + margin else {
          throw broken(
            "What is kept is not shown for ever",
            "\(request.name) shows \(part) that were answered \(milliseconds(time - answer.at)) ago; after \(milliseconds(oldest)) they may not be shown: \"\(text)\"."
          )
        }
      case .missing: continue
      }
    }
  }

  /// Whether every page that is due has been answered.
  ///
  /// - Throws: the rule that is broken.
  public func requireAnswers(at time: Int) throws(Violation) {
    guard let late = open.values.filter({ time > $0.at + limit + margin }).min(by: { $0.at < $1.at }) else {
      return
    }
    throw broken(
      "A page comes in time",
      "\(late.name) was asked for \(milliseconds(time - late.at)) ago, and is not answered: it should be within \(milliseconds(limit))."
    )
  }

  // MARK: Sections

  private func answer(_ text: String, _ part: String, _ request: Request) throws(Violation) -> Answer {
    guard let answer = answers[text] else {
      throw broken(
        "What is damaged is not shown",
        "\(request.name) shows \"\(text)\" as its \(part), which no instance has answered.")
    }
    guard answer.part == part, answer.user == request.user else {
      throw broken(
        "A page is about its user",
        "\(request.name) shows \"\(text)\" as its \(part): these are the \(answer.part) of \(answer.user).")
    }
    return answer
  }

  private func broken(_ property: String, _ evidence: String) -> Violation {
    Violation(property: property, section: "contract", evidence: evidence)
  }
}
