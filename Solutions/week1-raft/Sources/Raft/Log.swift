import LabKit

/// The log (5.3), whose beginning a snapshot may stand for (7). Entries are counted from 1.
///
/// Snapshot and entries are one value, persisted whole, so that a crash cannot part them. So are the members of the cluster,
/// for the log is what tells them: they are those of its latest entry that names any, committed or not (thesis, 4.1).
struct Log: Hashable, Codable, Sendable {
  /// The last index and term that the snapshot stands for; 0 without one.
  private(set) var snapshotIndex = 0
  private(set) var snapshotTerm = 0
  private(set) var snapshot: [UInt8] = []
  /// The members as of the snapshot's last index; without one, those that the cluster began with.
  private(set) var snapshotMembers: [NodeID]
  private var entries: [LogEntry] = []

  private(set) var members: [NodeID]
  /// The index of the entry that names them, or of the snapshot.
  private(set) var membersIndex = 0

  init(members: [NodeID]) {
    self.members = members
    snapshotMembers = members
  }

  var lastIndex: Int { snapshotIndex + entries.count }
  var lastTerm: Int { entries.last?.term ?? snapshotTerm }

  /// An entry that the log still holds.
  subscript(index: Int) -> LogEntry { entries[index - snapshotIndex - 1] }

  func holds(_ index: Int) -> Bool { index > snapshotIndex && index <= lastIndex }

  /// The term of an entry, or nil if the log does not know it. Before the first entry there is term 0.
  func term(at index: Int) -> Int? {
    if index == snapshotIndex { return snapshotTerm }
    return holds(index) ? self[index].term : nil
  }

  /// The entries from `index` on, which the log must still hold.
  func entries(from index: Int) -> [LogEntry] { Array(entries[(index - snapshotIndex - 1)...]) }

  mutating func append(_ entry: LogEntry) {
    entries.append(entry)
    if entry.members != nil { findMembers() }
  }

  /// Lets `replacement` follow the entry before `index`, in the place of what stood there.
  mutating func replace(from index: Int, with replacement: some Sequence<LogEntry>) {
    entries.removeSubrange((index - snapshotIndex - 1)...)
    entries.append(contentsOf: replacement)
    findMembers()
  }

  /// Lets a snapshot stand for everything up to `index`. What follows stays, if it does follow: if the log holds that
  /// very entry (Figure 13, step 6).
  mutating func compact(upTo index: Int, term: Int, members: [NodeID], snapshot: [UInt8]) {
    entries = self.term(at: index) == term ? entries(from: index + 1) : []
    snapshotIndex = index
    snapshotTerm = term
    self.snapshot = snapshot
    snapshotMembers = members
    findMembers()
  }

  /// The members as of an entry that the log still holds, or of the snapshot's last.
  func members(at index: Int) -> [NodeID] {
    entries[..<(index - snapshotIndex)].last { $0.members != nil }?.members ?? snapshotMembers
  }

  private mutating func findMembers() {
    let offset = entries.lastIndex { $0.members != nil }
    members = offset.flatMap { entries[$0].members } ?? snapshotMembers
    membersIndex = snapshotIndex + (offset.map { $0 + 1 } ?? 0)
  }
}
