/// What clients did to one key of a store that keeps versions: writes that pass on what their client had read, and reads that
/// return one version or several.
///
/// Times are in microseconds. Writes are numbered from 0 in the order in which they were called, reads likewise.
public struct VersionHistory: Sendable {
  /// A client's write, or its deletion of the key.
  public struct Write: Sendable {
    /// The write's name, given by its client.
    public var name: String
    /// nil: it deletes the key.
    public var value: String?
    public var client: Int
    /// The read whose context it passed, nil if it passed none.
    public var context: Int?
    /// How many replicas were to have it before it was acknowledged.
    public var quorum: Int
    public var callMicroseconds: Int
    /// When it was acknowledged; nil if it never was.
    public var acknowledgedMicroseconds: Int?
    /// Its client was told that it has not happened and never will.
    public var hasFailed = false
    /// It was sent more than once, so that it may take effect again later.
    public var isRepeated = false

    public init(
      name: String, value: String?, client: Int, context: Int?, quorum: Int, callMicroseconds: Int
    ) {
      self.name = name
      self.value = value
      self.client = client
      self.context = context
      self.quorum = quorum
      self.callMicroseconds = callMicroseconds
    }
  }

  /// A version that a read returned.
  public struct Version: Sendable, Equatable {
    public var name: String
    public var value: String?

    public init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  /// A read that was answered.
  public struct Read: Sendable {
    public var client: Int
    /// The node that answered, counted from 0.
    public var node: Int
    /// How many replicas answered it; nil if it must see all that was acknowledged before, however few did.
    public var quorum: Int?
    public var callMicroseconds: Int
    public var returnMicroseconds: Int
    public var found: [Version]

    public init(
      client: Int, node: Int, quorum: Int?, callMicroseconds: Int, returnMicroseconds: Int, found: [Version]
    ) {
      self.client = client
      self.node = node
      self.quorum = quorum
      self.callMicroseconds = callMicroseconds
      self.returnMicroseconds = returnMicroseconds
      self.found = found
    }
  }

  public var key: String
  public var writes: [Write] = []
  public var reads: [Read] = []

  public init(key: String) { self.key = key }
}
