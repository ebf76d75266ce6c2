import LabKit

/// Gets answers for its clients, and keeps the trouble of one service from the others. Stage 4B.
///
/// The services are nodes that the course provides. Between client and service there may be several proxies of yours.
public struct Proxy: ProxyNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: ProxyStatus { ProxyStatus() }

  /// The process has started. All that a proxy knows is in memory: there is nothing to read.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  /// A client asks for something.
  public mutating func handle(
    _ request: ProxyRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// Another proxy asks for something, or whoever was asked has said something.
  public mutating func receive(
    _ message: CallMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }
}
