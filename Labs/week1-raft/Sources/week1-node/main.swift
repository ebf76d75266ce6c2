import LabKit
import Raft

NodeHost.run(NodeProgram("raft", Raft.self))
