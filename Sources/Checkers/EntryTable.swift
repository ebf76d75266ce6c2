/// Every entry that any log held, by index and term.
struct EntryTable: Sendable {
  /// An entry as it was first seen.
  struct Record: Sendable {
    var term: Int
    var digest: UInt64
    /// The term of the entry before it, or that of `EntryMark.unseen`.
    var previousTerm: Int
    /// The node whose log held it.
    var node: Int32
    /// Where the next record of the same index is in `spilled`, or -1.
    var next: Int32 = -1
  }

  /// Where a record is.
  enum Place {
    case first(Int)
    case spilled(Int)
  }

  /// The first record of each index, from 1. Few indices have more than one.
  private var firsts: ContiguousArray<Record> = []
  private var spilled: ContiguousArray<Record> = []

  subscript(place: Place) -> Record {
    get {
      switch place {
      case .first(let position): firsts[position]
      case .spilled(let position): spilled[position]
      }
    }
    set {
      switch place {
      case .first(let position): firsts[position] = newValue
      case .spilled(let position): spilled[position] = newValue
      }
    }
  }

  /// Where the entry of that index and term is recorded, or nil after recording it as new.
  mutating func find(_ index: Int, orAdd record: Record) -> Place? {
    while firsts.count < index {
      firsts.append(
        Record(term: EntryMark.unseen.term, digest: 0, previousTerm: EntryMark.unseen.term, node: -1))
    }
    if firsts[index - 1].term == record.term { return .first(index - 1) }
    if firsts[index - 1].node < 0 {
      firsts[index - 1] = record
      return nil
    }
    var position = Int(firsts[index - 1].next)
    while position >= 0 {
      if spilled[position].term == record.term { return .spilled(position) }
      position = Int(spilled[position].next)
    }
    var added = record
    added.next = firsts[index - 1].next
    firsts[index - 1].next = Int32(spilled.count)
    spilled.append(added)
    return nil
  }
}
