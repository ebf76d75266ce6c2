import LabKit

/// Joins a page from three services, and keeps its promise while they break. Stage 4C.
///
/// The instances of the services are nodes that the course provides: `PagePart.instances`.
public struct Gateway: GatewayNode {
  public init(id: NodeID, members: [NodeID]) {}

  /// It is shown in pictures, and nothing is judged by it.
  public var status: GatewayStatus { GatewayStatus() }

  /// The process has started. All that a gateway knows is in memory: there is nothing to read.
  public mutating func start(from disk: Disk, _ context: inout Context<Self>) {}

  /// A client asks for a page.
  public mutating func handle(
    _ request: PageRequest, replyTo token: Token, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// An instance has said something.
  public mutating func receive(
    _ message: PageMessage, from sender: NodeID, _ context: inout Context<Self>
  ) {
    notImplemented()
  }

  /// A timer has run out. One that is set again while it runs is moved.
  public mutating func timerFired(_ timer: TimerName, _ context: inout Context<Self>) {
    notImplemented()
  }
}
