import Events
import LabKit

// What `lab` can run of this week.
NodeHost.run(
  NodeProgram("log", LogServer.self),
  NodeProgram(service: "orders", OrderService.self),
  NodeProgram(service: "inventory", InventoryService.self),
  NodeProgram(service: "payments", PaymentService.self),
  NodeProgram(service: "saga", SagaOrchestrator.self),
  NodeProgram(service: "accounts", AccountService.self),
  NodeProgram(service: "dispatch", DispatchService.self))
