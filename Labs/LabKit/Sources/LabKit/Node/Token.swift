/// Stands for one request that waits for its reply.
///
/// A token is a plain value: keep it in the node's state, put it into a message, answer later. Only the node that was
/// handed the request can answer it, and only until that node crashes: the client's connection is to that process.
public struct Token: Hashable, Codable, Sendable, CustomStringConvertible {
  /// The client that asked, counted from 1.
  public let client: Int
  /// The operation, unique in a run.
  public let operation: Int

  @inlinable public init(client: Int, operation: Int) {
    self.client = client
    self.operation = operation
  }

  public var description: String { "c\(client)#\(operation)" }
}
