/// Turns a node's claims into trace records that hold only what changed.
@usableFromInline struct ClaimRecorder {
  @usableFromInline let node: Int
  @usableFromInline var status = SIMD8<Int64>.zero
  @usableFromInline var firstIndex = 1
  @usableFromInline var marks: [EntryMark] = []

  @usableFromInline init(node: Int) { self.node = node }

  /// The node stays as it is. It is handed over in place, for a copy of it, made and dropped for every handler, is a
  /// twentieth of a world's time.
  @inlinable mutating func record<N: Node>(
    _ value: inout N, comparesWholeLog: Bool, into writer: inout WireWriter
  ) {
    let fields = value.status.fields
    let held = value.heldEntries
    let roleChanged = fields[0] != status[0]
    if held.lowerBound != firstIndex {
      let dropped = min(max(0, held.lowerBound - firstIndex), marks.count)
      marks.removeFirst(dropped)
      if held.lowerBound < firstIndex { marks = [] }
      firstIndex = held.lowerBound
      recordLog(&value, held, comparesWholeLog: true, into: &writer)
    } else if held.upperBound > firstIndex || !marks.isEmpty {
      recordLog(&value, held, comparesWholeLog: comparesWholeLog || roleChanged, into: &writer)
    }
    // A changed log is followed by a status, changed or not, so that a judge sees both together.
    if fields != status || !writer.bytes.isEmpty {
      recordStatus(fields, into: &writer)
    }
  }

  @usableFromInline mutating func recordStatus(_ fields: SIMD8<Int64>, into writer: inout WireWriter) {
    var mask: UInt8 = 0
    for field in 0..<8 where fields[field] != status[field] { mask |= 1 << UInt8(field) }
    writer.byte(TraceTag.status.rawValue)
    writer.byte(UInt8(node))
    writer.byte(mask)
    for field in 0..<8 where fields[field] != status[field] { writer.integer(Int(fields[field])) }
    status = fields
  }

  @inlinable mutating func recordLog<N: Node>(
    _ value: inout N, _ held: Range<Int>, comparesWholeLog: Bool, into writer: inout WireWriter
  ) {
    func mark(_ value: inout N, _ index: Int) -> EntryMark {
      value.entry(at: index) ?? EntryMark(term: -1, digest: 0)
    }
    var firstChange = held.upperBound
    let known = firstIndex + marks.count
    var index = held.upperBound - 1
    while index >= held.lowerBound {
      if index < known, marks[index - firstIndex] == mark(&value, index) {
        if !comparesWholeLog { break }
      } else {
        firstChange = index
      }
      index -= 1
    }
    guard firstChange < held.upperBound || known > held.upperBound else { return }
    marks.removeLast(marks.count - min(marks.count, firstChange - firstIndex))
    writer.byte(TraceTag.log.rawValue)
    writer.byte(UInt8(node))
    writer.integer(firstChange)
    writer.unsigned(UInt64(held.upperBound - firstChange))
    for index in firstChange..<held.upperBound {
      let mark = mark(&value, index)
      marks.append(mark)
      writer.integer(mark.term)
      writer.unsigned(mark.digest)
    }
  }
}
