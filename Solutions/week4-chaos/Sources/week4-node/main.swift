import Chaos
import LabKit

// What `lab` can run of this week.
NodeHost.run(
  NodeProgram(service: "breaker", Caller.self),
  NodeProgram(service: "proxy", Proxy.self),
  NodeProgram(service: "gateway", Gateway.self))
