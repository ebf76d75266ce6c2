import LabKit

/// The records of one partition, in order. Their offsets follow on each other; those at the front may be gone.
struct PartitionLog: Hashable, Codable {
  private var records: [LogRecord] = []
  /// The offset of the next record: no offset is given twice, even when its record is gone.
  private var end = 0

  var count: Int { records.count }

  /// The offset of the first record that is left.
  var start: Int { end - records.count }

  /// Returns the new record's offset.
  mutating func append(key: String, value: String) -> Int {
    records.append(LogRecord(offset: end, key: key, value: value))
    end += 1
    return end - 1
  }

  /// The records from an offset on, and where to go on.
  func records(from offset: Int, limit: Int) -> LogReply {
    let first = min(max(offset - start, 0), records.count)
    let found = records[first...].prefix(max(limit, 0))
    return .records(Array(found), next: found.last.map { $0.offset + 1 } ?? max(offset, start))
  }

  /// Lets go of the records before the last `count`, but of none from `floor` on.
  mutating func trim(last count: Int, floor: Int) {
    records.removeFirst(max(0, min(end - max(count, 0), floor) - start))
  }
}
