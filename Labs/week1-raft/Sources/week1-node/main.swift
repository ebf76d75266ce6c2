import LabKit
import Raft

NodeHost.run(
  NodeProgram("raft", Raft.self),
  NodeProgram("replica", Replica<Raft>.self),
  NodeProgram("key-value", KeyValueServer.self),
  NodeProgram("elastic", Raft.self),
  NodeProgram("elastic-replica", Replica<Raft>.self))
