import LabKit

/// What the clients and nodes of week 4 say, in words, and what its nodes are.
enum CallWords {
  /// A request; nil if it is none of these.
  static func request(_ body: [UInt8]) -> String? {
    if let request = try? CallerRequest(wireBytes: body) {
      return switch request {
      case .use(let settings): words(settings)
      case .call(let service, let question): "ask n\(service.number) \(question)"
      }
    }
    if let request = try? ProxyRequest(wireBytes: body) {
      return switch request {
      case .use(let settings): words(settings)
      case .call(let call): "\(call), by \(call.route.map { "n\($0.number)" }.joined(separator: ", "))"
      }
    }
    return (try? Manner(wireBytes: body)).map(words)
      ?? (try? PageRequest(wireBytes: body))?.description
      ?? (try? InstanceMood(wireBytes: body))?.description
  }

  /// An answer; nil if it is none of these.
  static func reply(_ body: [UInt8]) -> String? {
    if (try? MannerNoted(wireBytes: body)) != nil { return "so be it" }
    return (try? CallerReply(wireBytes: body))?.description
      ?? (try? ProxyReply(wireBytes: body))?.description
      ?? (try? Page(wireBytes: body))?.description
  }

  /// What a node announces; nil if it is none of these.
  static func output(_ body: [UInt8]) -> String? {
    (try? ServiceNews(wireBytes: body))?.description ?? (try? ServedPiece(wireBytes: body))?.description
  }

  /// What each node claims about itself, by the names of the fields.
  static func fieldNames(of node: Int, in program: String) -> [String] {
    guard node > GivenNodes.beside(program).count else { return [] }
    return switch program {
    case "gateway": GatewayStatus.fieldNames
    case "proxy": ProxyStatus.fieldNames
    default: CallerStatus.fieldNames
    }
  }

  private static func words(_ settings: BreakerSettings) -> String {
    let limit =
      switch settings.limit {
      case .inARow(let count): "\(count) failures in a row"
      case .share(let percent, let window, let least):
        "\(percent) % failures of the last \(window), \(least) at least,"
      }
    return "\(limit) open it for \(settings.openMilliseconds) ms, \(settings.probes) "
      + "\(settings.probes == 1 ? "probe closes" : "probes close") it, timeout \(settings.timeoutMilliseconds) ms, "
      + "slow after \(settings.slowMilliseconds) ms"
  }

  private static func words(_ settings: ProxySettings) -> String {
    "attempts of \(settings.attemptMilliseconds) ms, waits from \(settings.backoffMilliseconds) to "
      + "\(settings.longestBackoffMilliseconds) ms, \(settings.retryReserve) retries and \(settings.retryPercent) % more, "
      + "\(settings.permits) permits, \(settings.places) places"
  }

  private static func words(_ manner: Manner) -> String {
    let outcome =
      switch manner.outcome {
      case .answers: "answer"
      case .refuses: "refuse"
      case .fails: "fail at"
      case .isSilent: "say nothing to"
      case .isBusy: "be too busy for"
      }
    return "\(outcome) \(manner.question.isEmpty ? "everything else" : manner.question)"
      + (manner.milliseconds > 0 ? " after \(manner.milliseconds) ms" : "")
      + (manner.ask > 1 ? ", from time \(manner.ask) on" : "")
  }
}
