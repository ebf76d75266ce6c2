import LabKit

/// The parcels that dispatch has taken from the log, a queue a customer, and the dead letters that are to be written. All of it
/// is one value on the disk.
struct ParcelQueues: Hashable, Codable {
  /// So often a parcel is handed over before it is given up.
  static let attempts = 5

  private struct Queue: Hashable, Codable {
    var parcels: [Parcel] = []
    /// How often the first parcel was rejected.
    var rejections = 0
    /// Whether all wait, behind a parcel that was given up.
    var isHeldBack = false
  }

  private var queues: [String: Queue] = [:]
  /// Up to which offset each partition was taken: what comes again from before it is known.
  private var offsets: [Int: Int] = [:]
  /// In the order in which they go to the log.
  private(set) var deadLetters: [Parcel] = []

  /// The parcels that the carrier is to take now: the first of each customer whose parcels are not held back.
  var next: [Parcel] {
    queues.values.compactMap { $0.isHeldBack ? nil : $0.parcels.first }.sorted { $0.id < $1.id }
  }

  /// How many parcels are to be handed over.
  var inHand: Int { queues.values.reduce(0) { $0 + ($1.isHeldBack ? 0 : $1.parcels.count) } }
  var heldBack: Int { queues.values.reduce(0) { $0 + ($1.isHeldBack ? $1.parcels.count : 0) } }

  func heldBack(of customer: String) -> Int {
    queues[customer].map { $0.isHeldBack ? $0.parcels.count : 0 } ?? 0
  }

  /// Parcels come from the log, for the first time or again.
  mutating func take(_ records: [LogRecord], of partition: Int) {
    for record in records where record.offset >= offsets[partition] ?? 0 {
      offsets[partition] = record.offset + 1
      take(Parcel(record))
    }
  }

  /// If the parcels before it are held back, so is this one: it follows them to the dead letters.
  private mutating func take(_ parcel: Parcel) {
    queues[parcel.customer, default: Queue()].parcels.append(parcel)
    if queues[parcel.customer]?.isHeldBack == true { deadLetters.append(parcel) }
  }

  /// The carrier has taken a parcel.
  mutating func taken(_ id: String) {
    for (customer, queue) in queues where !queue.isHeldBack && queue.parcels.first?.id == id {
      queues[customer] = queue.parcels.count == 1 ? nil : Queue(parcels: Array(queue.parcels.dropFirst()))
    }
  }

  /// The carrier has rejected a parcel. After so many times it is given up, and with it all that come after it.
  mutating func rejected(_ id: String) {
    for (customer, queue) in queues where !queue.isHeldBack && queue.parcels.first?.id == id {
      queues[customer]?.rejections += 1
      guard queue.rejections + 1 == Self.attempts else { continue }
      queues[customer]?.isHeldBack = true
      deadLetters += queue.parcels
    }
  }

  /// Whatever was held back is handed over again, in its order.
  mutating func redrive(_ customer: String) {
    guard let queue = queues[customer], queue.isHeldBack else { return }
    queues[customer] = Queue(parcels: queue.parcels)
  }

  /// The log has the first dead letter.
  mutating func written() { deadLetters.removeFirst() }
}
