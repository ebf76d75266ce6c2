/// A placement that is written down: which nodes hold which keys stands in a table.
///
/// A ring is reckoned from its members, so that whoever knows them knows where every key is. A table has a history: where a
/// key lies hangs on which nodes were there when it came, and the same nodes, having come in another order, hold other keys.
/// So there is one table, somebody keeps it, and everybody else asks for it or has a copy that may be old.
public protocol TablePlacement: Placement {
  /// A key is written for the first time. Nothing happens if it is there already, or if there is no node to hold it.
  mutating func insert(_ key: String)

  /// How many entries the table has: what everybody must know.
  var entryCount: Int { get }
}
