/// Who carries parcels: a node that the course provides in stage 3F. It takes a parcel once, however often it is handed over,
/// and rejects some: now and then, or for good.
struct Carrier: Node {
  typealias Message = ServiceMessage
  typealias Request = CarrierRequest
  typealias Reply = CarrierReply
  typealias Output = CarrierEffect
  typealias Status = NoStatus

  private struct State: Hashable, Codable {
    var taken: Set<String> = []
    /// How often a parcel is still rejected.
    var rejections: [String: Int] = [:]
    /// So long it takes to answer.
    var milliseconds = 0
  }

  private struct Work: Hashable {
    let parcel: Parcel
    let sender: NodeID
  }

  private var state = State()
  /// What was handed over and is not answered, in turn. A crash takes it.
  private var work: [Work] = []

  init(id: NodeID, members: [NodeID]) {}

  var status: NoStatus { NoStatus() }

  mutating func start(from disk: Disk, _ context: inout Context<Self>) {
    state = disk.value(State.self, under: "state") ?? State()
  }

  mutating func receive(_ message: ServiceMessage, from sender: NodeID, _ context: inout Context<Self>) {
    guard case .handOver(let parcel) = message else { return }
    let work = Work(parcel: parcel, sender: sender)
    guard state.milliseconds > 0 else { return answer(work, &context) }
    guard !self.work.contains(work) else { return }
    self.work.append(work)
    if self.work.count == 1 { context.setTimer("work", after: .milliseconds(state.milliseconds)) }
  }

  mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    guard !work.isEmpty else { return }
    answer(work.removeFirst(), &context)
    if !work.isEmpty { context.setTimer("work", after: .milliseconds(state.milliseconds)) }
  }

  private mutating func answer(_ work: Work, _ context: inout Context<Self>) {
    let parcel = work.parcel
    if let left = state.rejections[parcel.id], left > 0, !state.taken.contains(parcel.id) {
      state.rejections[parcel.id] = left == .max ? left : left - 1
      context.persist(state, under: "state")
      context.output(CarrierEffect(parcel, isTaken: false))
      context.send(.rejected(id: parcel.id), to: work.sender)
    } else {
      if state.taken.insert(parcel.id).inserted {
        context.persist(state, under: "state")
        context.output(CarrierEffect(parcel, isTaken: true))
      }
      context.send(.takenOver(id: parcel.id), to: work.sender)
    }
  }

  mutating func handle(_ request: CarrierRequest, replyTo token: Token, _ context: inout Context<Self>) {
    switch request {
    case .reject(let id, let times): state.rejections[id] = times
    case .work(let milliseconds): state.milliseconds = milliseconds
    }
    context.persist(state, under: "state")
    context.reply(CarrierReply(), to: token)
  }
}

/// What the judge arranges with the carrier.
public enum CarrierRequest: WireValue {
  /// Rejects a parcel so often; `Int.max` is for good.
  case reject(id: String, times: Int)
  /// Takes so long for each parcel, one after the other.
  case work(milliseconds: Int)

  public func write(to writer: inout WireWriter) {
    switch self {
    case .reject(let id, let times):
      writer.byte(0xD0)
      writer.text(id)
      writer.integer(times)
    case .work(let milliseconds):
      writer.byte(0xD1)
      writer.integer(milliseconds)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.byte() {
    case 0xD0: self = .reject(id: try reader.text(), times: try reader.integer())
    case 0xD1: self = .work(milliseconds: try reader.integer())
    default: throw .malformed(what: "an unknown request to a carrier", offset: reader.offset)
    }
  }
}

/// What the carrier answers to an arrangement.
public struct CarrierReply: WireValue {
  public init() {}
  public func write(to writer: inout WireWriter) { writer.byte(0xD8) }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xD8 else {
      throw .malformed(what: "an unknown answer of a carrier", offset: reader.offset)
    }
  }
}

/// What became of a parcel at the carrier, which tells it to whoever watches.
public struct CarrierEffect: WireValue, CustomStringConvertible {
  public let parcel: Parcel
  /// Taken, for the first time; or rejected.
  public let isTaken: Bool

  public init(_ parcel: Parcel, isTaken: Bool) {
    self.parcel = parcel
    self.isTaken = isTaken
  }

  public var description: String {
    "\(parcel.id) of \(parcel.customer) is \(isTaken ? "taken" : "rejected")"
  }

  public func write(to writer: inout WireWriter) {
    writer.byte(0xD2)
    parcel.write(to: &writer)
    writer.byte(isTaken ? 1 : 0)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    guard try reader.byte() == 0xD2 else {
      throw .malformed(what: "an unknown announcement of a carrier", offset: reader.offset)
    }
    parcel = try Parcel(from: &reader)
    isTaken = try reader.byte() != 0
  }
}
