import LabKit

/// Members come and go. While they do, a request needs enough of those who hold its key and enough of those who will; and
/// whoever holds a key gives what it knows of it to the heirs. That is settled when it is on their disks.
extension StoreServer {
  static let (viewKey, issuerKey) = ("view", "issuer")

  /// Whether these nodes are as many as the quorum asks for: of every list of the key's replicas, or of all nodes where it
  /// is sloppy.
  func isMet(_ quorum: Quorum, by nodes: Set<NodeID>, of key: String) -> Bool {
    switch quorum {
    case .strict, .linearizable:
      membership.lists(of: key).allSatisfy { list in list.count { nodes.contains($0) } >= quorum.count }
    case .sloppy: nodes.count >= quorum.count
    }
  }

  // MARK: Views

  /// Acts by a view from now on, if it is newer than the present one.
  mutating func adopt(_ view: MembershipView, _ context: inout Context<Self>) {
    guard view.number > membership.view.number else { return }
    membership = Membership(view, after: membership)
    if !membership.isChanging { letGo(&context) }
    context.persist(view, under: Self.viewKey)
    noteAll()
    drawUpEstates()
    bequeath(&context)
    askAgain(&context)
  }

  /// Lets the records go that others hold now. The next ones are numbered under another name, for with a record this node
  /// forgets how far it has counted.
  private mutating func letGo(_ context: inout Context<Self>) {
    let strange = records.keys.filter { !replicas(of: $0).contains(id) }.sorted()
    guard !strange.isEmpty else { return }
    issuers += 1
    issuer = Issuer(node: id, record: issuers)
    context.persist(issuers, under: Self.issuersKey)
    context.persist(issuer, under: Self.issuerKey)
    for key in strange { letGo(of: key, &context) }
  }

  // MARK: Heirs

  /// Lists what is to be handed over, at the beginning of a change and after a crash.
  mutating func drawUpEstates() {
    var keys: [NodeID: [String]] = [:]
    if membership.isChanging {
      for key in records.keys {
        for heir in membership.heirs(of: key) where heir != id { keys[heir, default: []].append(key) }
      }
    }
    estates = keys.mapValues(Estate.init)
  }

  /// Gives heirs what is under way to them, perhaps not for the first time.
  mutating func bequeath(_ context: inout Context<Self>) {
    for (heir, estate) in estates.sorted(by: { $0.key < $1.key }) {
      for key in estate.underWay.sorted() { bequeath(key, to: heir, &context) }
    }
  }

  private func bequeath(_ key: String, to heir: NodeID, _ context: inout Context<Self>) {
    context.send(.bequeath(key: key, known(of: key)), to: heir)
  }

  mutating func receiveInherited(_ key: String, from heir: NodeID, _ context: inout Context<Self>) {
    if let next = estates[heir]?.next(after: key) { bequeath(next, to: heir, &context) }
    if estates[heir]?.isSettled == true { estates[heir] = nil }
    answerIfSettled(&context)
  }

  mutating func answerIfSettled(_ context: inout Context<Self>) {
    guard estates.isEmpty, let token = service else { return }
    service = nil
    context.reply(.settled(membership.view.number), to: token)
  }
}

/// The keys that another node will hold and has still to be given.
struct Estate: Hashable, Sendable {
  /// How many are under way at a time.
  private static let window = 20

  private var waiting: [String]
  private(set) var underWay: Set<String>

  init(_ keys: [String]) {
    let keys = keys.sorted(by: >)
    underWay = Set(keys.suffix(Self.window))
    waiting = keys.dropLast(Self.window)
  }

  var isSettled: Bool { underWay.isEmpty }

  /// One has arrived. Returns another, which is under way from now on.
  mutating func next(after key: String) -> String? {
    guard underWay.remove(key) != nil, let next = waiting.popLast() else { return nil }
    underWay.insert(next)
    return next
  }
}
