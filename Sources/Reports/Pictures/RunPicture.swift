/// A recorded run as a picture shows it: what happened to each node, which messages joined the nodes, what was broken, and
/// where a property broke. `SCHEMA.md` beside this file describes its JSON.
public struct RunPicture: Codable, Sendable, Hashable {
  /// The version of the JSON form. It rises when a key is renamed, removed or changes its meaning.
  public static let schema = 1

  public var schema = RunPicture.schema
  public var facts: RunFacts
  /// When the first event of the picture happened; later than 0 if earlier ones were left out.
  public var startMicroseconds = 0
  public var endMicroseconds = 0
  /// How many events at the beginning of the run the picture leaves out.
  public var eventsLeftOut = 0
  /// What the nodes had come to before the first event, where some are left out.
  public var nodesAtStart: [NodeState] = []
  /// In the order in which they happened. An event's identity is its place here.
  public var events: [Event] = []
  public var messages: [Message] = []
  public var faults: [FaultSpan] = []
  /// Who was what in which term, for nodes that run Raft.
  public var roles: [RoleSpan] = []
  public var operations: [ClientOperation] = []
  public var violation = ViolationPoint()

  /// What a node has come to.
  public struct NodeState: Codable, Sendable, Hashable {
    public var node: Int
    public var isUp: Bool
    /// The fields of the status that it shows.
    public var status: [String: String]
  }

  /// Something that happened to a node, and what its handler made of it.
  public struct Event: Codable, Sendable, Hashable, Identifiable {
    public enum Kind: String, Codable, Sendable {
      case start, receive, lost, timer, request, crash, pause, resume
      /// The effects that follow are of the handler of an earlier event, which had been held up.
      case continued
    }

    public var id: Int
    public var timeMicroseconds: Int
    public var node: Int
    public var kind: Kind
    /// The message's or the timer's name.
    public var label: String?
    /// Who sent the message.
    public var from: Int?
    /// The message's place in `messages`; nil if it was sent before the picture begins.
    public var message: Int?
    /// How many messages the sender had sent this node when it sent this one.
    public var linkNumber: Int?
    public var boot: Int?
    public var client: Int?
    public var operation: Int?
    /// The event in a sentence.
    public var words: String
    /// What the handler did, in order.
    public var effects: [Effect] = []
    /// What the handler changed in the status that the node shows.
    public var changes: [Change] = []
    /// What the handler changed in the node's log.
    public var logChange: String?
    /// What should be known about this event: what is missing in it, or that a crash cut it short.
    public var notes: [String] = []
    /// The event whose handler goes on here.
    public var continues: Int?
  }

  /// One thing that a handler did.
  public struct Effect: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable { case send, setTimer, cancelTimer, persist, reply, output }

    public var kind: Kind
    public var words: String
    /// The name of the message, timer or key.
    public var label: String?
    /// When a timer that was set runs out, from now.
    public var delayMicroseconds: Int?
    /// The message that was sent: its place in `messages`.
    public var message: Int?
    /// What is missing before this effect.
    public var note: String?
    /// The line of code that asked for it, such as "Raft/Raft+Election.swift:31", where that is known.
    public var source: String?
  }

  /// A field of a node's status before and after a handler.
  public struct Change: Codable, Sendable, Hashable {
    public var field: String
    public var before: String
    public var after: String
  }

  /// A message from its sending to its end.
  public struct Message: Codable, Sendable, Hashable, Identifiable {
    public enum Fate: String, Codable, Sendable {
      case ordinary
      /// The network took it at once.
      case lost
      case duplicated
    }

    public var id: Int
    public var from: Int
    public var to: Int
    public var label: String
    /// How many messages its sender had sent to this node by then, itself among them.
    public var number: Int
    /// The event whose handler sent it; nil if that is before the picture begins.
    public var sentEvent: Int?
    public var sentMicroseconds: Int
    public var fate: Fate
    /// The events in which it was received.
    public var arrivals: [Int] = []
    /// The events in which it came to a node that was down, or to a link that was cut.
    public var losses: [Int] = []
    /// How many copies were still under way at the end.
    public var inFlight = 0
    /// One copy took longer than an ordinary link does.
    public var isDelayed = false
  }

  /// A time during which something was broken.
  public struct FaultSpan: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable { case crashed, paused, cut, slow, lossy, clock }

    public struct Link: Codable, Sendable, Hashable {
      public var from: Int
      public var to: Int
    }

    public var kind: Kind
    /// The node, unless links are broken.
    public var node: Int?
    /// The links, each in one direction, unless a node is broken.
    public var links: [Link] = []
    public var startMicroseconds: Int
    /// Nil if it lasted to the end.
    public var endMicroseconds: Int?
    /// The first event that happened after it began, and the first after it ended: where events have an even distance,
    /// a span reaches from the one to the other.
    public var startEvent: Int
    public var endEvent: Int?
    public var words: String
  }

  /// A node in one role in one term.
  public struct RoleSpan: Codable, Sendable, Hashable {
    public enum Role: String, Codable, Sendable { case follower, candidate, leader }

    public var node: Int
    public var role: Role
    public var term: Int
    public var startEvent: Int
    public var endEvent: Int?
  }

  /// What a client asked a node, perhaps several times, and the answer.
  public struct ClientOperation: Codable, Sendable, Hashable {
    public var client: Int
    public var words: String
    /// The events in which a node was asked.
    public var requests: [Int]
    /// The events in which a node answered.
    public var replies: [Int] = []
    /// The last answer.
    public var result: String?
    /// The evidence speaks of it.
    public var isConcerned = false
  }

  /// Where the property broke, and what led there.
  public struct ViolationPoint: Codable, Sendable, Hashable {
    /// The event with which it broke; nil in an empty picture.
    public var event: Int?
    /// The last event of each node concerned.
    public var lastEvents: [Int] = []
    /// The events that happened before it in the order of causes, itself among them: earlier ones of the same node, and
    /// what sent a message that was received.
    public var past: [Int] = []
    /// Those of the past that changed something, and those that brought them about.
    public var decisive: [Int] = []
  }
}
