import LabKit
import Store

NodeHost.run(
  NodeProgram("lamport", LamportProbe<LamportClock>.self),
  NodeProgram("vector", VectorProbe<VectorClock>.self),
  NodeProgram("hybrid", HybridProbe<HybridClock>.self),
  NodeProgram("placement", PlacementProbe<HashRing>.self),
  NodeProgram("store", StoreServer.self),
  NodeProgram("cart", CartProbe<Cart>.self))
