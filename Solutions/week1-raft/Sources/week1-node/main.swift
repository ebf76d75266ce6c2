import LabKit
import Raft

NodeHost.run(
  NodeProgram("raft", Raft.self),
  NodeProgram("replica", Replica<Raft>.self),
  NodeProgram("key-value", KeyValueServer.self),
  NodeProgram("elastic") { Raft(id: $0, members: $1, asksFirst: true) },
  NodeProgram("elastic-replica") { Replica(Raft(id: $0, members: $1, asksFirst: true)) })
