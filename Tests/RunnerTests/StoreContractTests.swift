import LabKit
import Testing

@Suite("The store's contract")
struct StoreContractTests {
  private static let requests: [StoreRequest] = [
    .get("tea", .strict(3)), .get("tea", .sloppy(2)), .get("tea", .linearizable), .locate("tea"),
    .put("tea", StoreVersion(WriteID(client: 2, number: 9), nil), CausalContext([1, 2]), .linearizable),
    .view(MembershipView(number: 1, members: [1, 2, 3])),
    .view(MembershipView(number: 300, members: [1, 2, 3], next: [2, 64])),
    .view(MembershipView(number: 2, members: [], next: [])),
  ]

  @Test("a request is read as it was written", arguments: requests)
  func request(_ request: StoreRequest) throws {
    #expect(try StoreRequest(wireBytes: request.wireBytes) == request)
  }

  private static let replies: [StoreReply] = [
    .found([StoreVersion(WriteID(client: 1, number: 1), "cup")], .none), .stored, .failed, .unknown,
    .replicas([3, 1]), .settled(7),
  ]

  @Test("a reply is read as it was written", arguments: replies)
  func reply(_ reply: StoreReply) throws {
    #expect(try StoreReply(wireBytes: reply.wireBytes) == reply)
  }

  @Test("a linearizable request asks for a majority of the replicas")
  func majority() {
    #expect(2 * Quorum.linearizable.count > StoreBounds.replicas)
    #expect(2 * (Quorum.linearizable.count - 1) <= StoreBounds.replicas)
  }
}
