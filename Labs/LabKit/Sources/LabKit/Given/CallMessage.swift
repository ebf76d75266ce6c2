/// What the nodes of week 4 send to each other when one calls another. The course provides it, so that your node understands
/// nodes that others wrote.
public enum CallMessage: NodeMessage {
  /// Whoever calls asks something. The number is the caller's own, and comes back with what the service says.
  case ask(question: String, call: Int)
  /// The service has done what it was asked.
  case answer(String, call: Int)
  /// The service works, and says no: there is no such user. Asking again would change nothing.
  case refusal(call: Int)
  /// Something is wrong with the service. It may have done it all the same.
  case failure(call: Int)
  /// To a proxy or a service, in stage 4B: answer this.
  case pass(ProxyCall, call: Int)
  /// The service or proxy has too much to do. It has not begun, and will not.
  case busy(call: Int)
  /// A proxy has tried what could be tried, or the time is over. Whoever hears this does not try again.
  case givenUp(call: Int)

  public var kind: String {
    switch self {
    case .ask: "ask"
    case .answer: "answer"
    case .refusal: "refusal"
    case .failure: "failure"
    case .pass: "pass"
    case .busy: "busy"
    case .givenUp: "givenUp"
    }
  }

  public var detail: String {
    switch self {
    case .ask(let question, _): question
    case .answer(let answer, _): answer
    case .pass(let call, _): "\(call)"
    case .refusal, .failure, .busy, .givenUp: ""
    }
  }
}
