/// The contract of stage 3D: an order that several services carry out together, wholly or not at all (Garcia-Molina and Salem,
/// "Sagas", SIGMOD 1987; Richardson, "Microservices Patterns", 2018, chapter 4).

/// What has to be done for an order, in this order.
public enum SagaStep: Int, WireValue, Codable, CaseIterable, Comparable, CustomStringConvertible {
  /// The order is entered.
  case order
  /// The user pays.
  case payment
  /// The goods are set aside.
  case inventory
  /// The parcel leaves: the pivot. A parcel that has left does not come back.
  case shipping
  /// The order is marked as done.
  case confirmation

  /// Who does it.
  public var participant: NodeID {
    switch self {
    case .order, .confirmation: .orders
    case .payment: .payment
    case .inventory: .inventory
    case .shipping: .shipping
    }
  }

  /// Whether it can be undone once it is done.
  public var isCompensable: Bool { self < .shipping }
  /// The step after this one, or nil.
  public var next: SagaStep? { SagaStep(rawValue: rawValue + 1) }
  /// The step before this one, or nil.
  public var previous: SagaStep? { SagaStep(rawValue: rawValue - 1) }

  public static func < (left: SagaStep, right: SagaStep) -> Bool { left.rawValue < right.rawValue }

  public var description: String {
    switch self {
    case .order: "order"
    case .payment: "payment"
    case .inventory: "inventory"
    case .shipping: "shipping"
    case .confirmation: "confirmation"
    }
  }

  public func write(to writer: inout WireWriter) { writer.byte(UInt8(rawValue)) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard let step = SagaStep(rawValue: Int(try reader.byte())) else {
      throw .malformed(what: "an unknown step of a saga", offset: reader.offset)
    }
    self = step
  }
}

/// A step of a saga: what a participant is asked to do, or to undo. It knows the step by its saga and its name, and does it
/// once.
public struct SagaAction: WireValue, Codable, CustomStringConvertible {
  /// The saga's id, which the orchestrator chooses.
  public let saga: String
  /// The order that it is for.
  public let order: String
  public let step: SagaStep

  public init(saga: String, order: String, step: SagaStep) {
    self.saga = saga
    self.order = order
    self.step = step
  }

  public var description: String { "\(step) of \(order)" }

  public func write(to writer: inout WireWriter) {
    writer.text(saga)
    writer.text(order)
    step.write(to: &writer)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self.init(saga: try reader.text(), order: try reader.text(), step: try SagaStep(from: &reader))
  }
}

/// What clients ask of the orchestrator.
public enum SagaRequest: WireValue {
  /// Carry this order out. Who gets no answer asks again, and somebody may ask again at any time: it is one saga.
  case start(order: String)
  /// How did it end?
  case outcome(order: String)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .start(let order):
      writer.byte(0xA0)
      writer.text(order)
    case .outcome(let order):
      writer.byte(0xA1)
      writer.text(order)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xA0: self = .start(order: try reader.text())
    case 0xA1: self = .outcome(order: try reader.text())
    default: throw .malformed(what: "an unknown request to an orchestrator", offset: reader.offset)
    }
  }
}

/// What the orchestrator answers.
public enum SagaReply: UInt8, WireValue {
  /// To a start, at once: that there is a saga is on the disk, now or before.
  case started = 0xA8
  /// To an outcome: it is not known yet.
  case running = 0xA9
  /// To an outcome: all steps are done. An end that is told once stays.
  case completed = 0xAA
  /// To an outcome: whatever was done is undone, and nothing will be done.
  case cancelled = 0xAB
  /// To an outcome: nobody has started one.
  case noSuchOrder = 0xAC

  public func write(to writer: inout WireWriter) { writer.byte(rawValue) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard let reply = SagaReply(rawValue: try reader.byte()) else {
      throw .malformed(what: "an unknown answer of an orchestrator", offset: reader.offset)
    }
    self = reply
  }
}

/// What the orchestrator claims about itself. Nothing is judged by it: it is shown in pictures.
public struct SagaStatus: NodeStatus {
  /// How many sagas go forward, go back, and have ended.
  public var forward: Int
  public var back: Int
  public var ended: Int

  public init(forward: Int, back: Int = 0, ended: Int = 0) {
    self.forward = forward
    self.back = back
    self.ended = ended
  }

  public static var fieldNames: [String] { ["forward", "back", "ended"] }
  public var fields: SIMD8<Int64> { [Int64(forward), Int64(back), Int64(ended), 0, 0, 0, 0, 0] }
}

/// The orchestrator.
public protocol OrchestratorNode: Node
where
  Message == ServiceMessage, Request == SagaRequest, Reply == SagaReply, Output == NoOutput,
  Status == SagaStatus
{}

/// What the suite of stage 3D keeps to, and the handout prints.
public enum SagaBounds {
  /// Where nothing fails and nobody is slow, an order is completed within this time.
  public static let calmMilliseconds = 1_000
  /// A step that takes no longer than this is waited for.
  public static let patienceMilliseconds = 1_000
  /// Where everybody is in reach, an order is completed or cancelled within this time, however long a step takes that can be
  /// undone.
  public static let decisionMilliseconds = 5_000
  /// So long after the last fault, every order is completed or cancelled.
  public static let settleMilliseconds = 15_000
  /// A request to the orchestrator is answered within this time.
  public static let answerMilliseconds = 500
}
