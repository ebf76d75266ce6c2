import Foundation

/// A kind of thing that a node may not use.
public enum ForbiddenKind: String, Sendable, Codable, CaseIterable {
  case randomness, clock, file, network, concurrency, sharedState, environment, process

  /// Why a node may not use it.
  public var reason: String {
    switch self {
    case .randomness: "a run could not be repeated from its seed"
    case .clock: "a node lives in virtual time, which the real clock knows nothing of"
    case .file: "what a node keeps must go through its disk, which lab can crash"
    case .network: "messages must go through the network that lab controls"
    case .concurrency: "a handler must be done when it returns, in the same order every time"
    case .sharedState: "state outside the node survives its crash, and may be shared between nodes"
    case .environment: "a node must behave the same on every machine"
    case .process: "a node that ends its process, or starts another, ends the run"
    }
  }

  /// What to do instead.
  public var cure: String {
    switch self {
    case .randomness: "use context.random(in:)"
    case .clock: "use the context's time, and context.setTimer(_:after:) to wait"
    case .file: "use context.persist(_:under:), and read it back from the disk that start is given"
    case .network: "use context.send(_:to:)"
    case .concurrency: "do the work in the handler, and set a timer for what comes later"
    case .sharedState: "keep the value in a stored property of the node"
    case .environment: "make it a constant in your code"
    case .process: "return from the handler; fatalError and precondition are fine for what must not happen"
    }
  }
}

/// Something in the student's code that a node may not use.
public struct ForbiddenUse: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The source file's name, or the module's when all its files were compiled into one.
  public var file: String
  /// What is used, as a person would write it.
  public var name: String
  /// The symbol that gave it away.
  public var symbol: String
  /// What kind of thing it is.
  public var kind: ForbiddenKind
  /// What to do instead.
  public var cure: String

  public init(file: String, name: String, symbol: String, kind: ForbiddenKind, cure: String? = nil) {
    self.file = file
    self.name = name
    self.symbol = symbol
    self.kind = kind
    self.cure = cure ?? kind.cure
  }

  public var description: String { "\(file) uses \(name): \(kind.reason). Instead: \(cure)." }
}

/// Finds what a node may not use, in the symbols that the student's object files leave undefined.
///
/// A first look, not a proof: an optimised build leaves no trace of an `Atomic`, and a `nonisolated(unsafe)`
/// global
/// needs no symbol at all. What slips through here is found by running the same seed in one process and in
/// several.
public enum ForbiddenSymbols {
  /// Checks the object files of these modules.
  ///
  /// - Parameters:
  ///   - buildFolder: The folder that holds `<Module>.build`, such as `.lab/build/debug/debug`.
  ///   - modules: The student's modules. Others, such as LabKit and the program's own `main.swift`, are not
  ///     looked at.
  public static func uses(inModules modules: [String], of buildFolder: URL) throws(ObjectFileError)
    -> [ForbiddenUse]
  {
    var uses: [ForbiddenUse] = []
    for module in modules {
      // A target named `week1-node` becomes the module `week1_node`.
      let name = String(module.map { $0.isLetter || $0.isNumber ? $0 : "_" })
      let folder = buildFolder.appending(path: "\(name).build")
      let files: [String]
      do {
        files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      } catch {
        throw ObjectFileError(file: folder.path, reason: "the build left no object files there")
      }
      // The object file of a source that was removed stays; the build writes down which sources there are.
      let list = try? String(contentsOf: folder.appending(path: "sources"), encoding: .utf8)
      let sources = list.map { list in
        Set(list.split(separator: "\n").compactMap { $0.split(separator: "/").last.map { trimmed($0) } })
      }
      for file in files.sorted() where file.hasSuffix(".o") && !file.hasSuffix(".swiftmodule.o") {
        if file.hasSuffix(".swift.o"), sources?.contains(String(file.dropLast(2))) == false { continue }
        uses += try self.uses(inObjectAt: folder.appending(path: file))
      }
    }
    return uses
  }

  /// Checks one object file; each thing is named once.
  public static func uses(inObjectAt file: URL) throws(ObjectFileError) -> [ForbiddenUse] {
    var source = file.lastPathComponent
    if source.hasSuffix(".o") { source.removeLast(2) }
    var found: [ForbiddenUse] = []
    let symbols = try UndefinedSymbols.names(inObjectAt: file)
    let hasMutex = symbols.contains { $0.hasPrefix("$s15Synchronization12_MutexHandleV") }
    for symbol in symbols {
      // The compiler puts a mutex's own code, with its atomic and its system call, into the student's file.
      if hasMutex, symbol == "syscall" || symbol.hasPrefix("$s15Synchronization6Atomic") { continue }
      if hasMutex, symbol.hasPrefix("$s15Synchronization19_Atomic32") { continue }
      guard let use = use(of: symbol, in: source), !found.contains(where: { $0.name == use.name }) else {
        continue
      }
      found.append(use)
    }
    return found.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
  }

  /// What a symbol is, if a node may not use it.
  static func use(of symbol: String, in file: String) -> ForbiddenUse? {
    if let rule = exactRules[symbol] {
      return ForbiddenUse(file: file, name: rule.name, symbol: symbol, kind: rule.kind, cure: rule.cure)
    }
    guard let rule = prefixRules.first(where: { symbol.hasPrefix($0.symbol) }) else { return nil }
    return ForbiddenUse(file: file, name: rule.name, symbol: symbol, kind: rule.kind, cure: rule.cure)
  }

  /// A path in a list of sources may be quoted.
  private static func trimmed(_ name: Substring) -> String { String(name.filter { $0 != "'" && $0 != "\"" }) }

  // MARK: The tables

  private struct Rule {
    var symbol: String
    var name: String
    var kind: ForbiddenKind
    var cure: String?
  }

  private static let exactRules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    for rule in swiftFunctions { rules[rule.symbol] = rule }
    for (kind, names) in systemFunctions {
      for name in names.split(separator: " ").map(String.init) {
        rules[name] = Rule(symbol: name, name: "\(name)()", kind: kind)
      }
    }
    return rules
  }()

  /// Functions of the standard library, mangled as Swift 6 has them. Their variants with `using:` are fine.
  private static let swiftFunctions: [Rule] = {
    let integer = "$ss17FixedWidthIntegerPsE6random2inx"
    let real = "$sSBss17FixedWidthInteger14RawSignificandRpzrlE6random2inx"
    return [
      Rule(symbol: integer + "SnyxG_tFZ", name: "Int.random(in:)", kind: .randomness),
      Rule(symbol: integer + "SNyxG_tFZ", name: "Int.random(in:)", kind: .randomness),
      Rule(symbol: real + "SnyxG_tFZ", name: "Double.random(in:)", kind: .randomness),
      Rule(symbol: real + "SNyxG_tFZ", name: "Double.random(in:)", kind: .randomness),
      Rule(symbol: "$sSb6randomSbyFZ", name: "Bool.random()", kind: .randomness),
      Rule(symbol: "$sSMsSkRzrlE7shuffleyyF", name: "shuffle()", kind: .randomness),
      Rule(symbol: "$sSTsE8shuffledSay7ElementQzGyF", name: "shuffled()", kind: .randomness),
      Rule(symbol: "$sSlsE13randomElement0B0QzSgyF", name: "randomElement()", kind: .randomness),
      // What all of the above become under optimisation.
      Rule(symbol: "swift_stdlib_random", name: "the system's random numbers", kind: .randomness),
      Rule(symbol: "swift_task_create", name: "Task", kind: .concurrency),
      Rule(symbol: "swift_asyncLet_begin", name: "async let", kind: .concurrency),
      Rule(symbol: "swift_taskGroup_initialize", name: "a task group", kind: .concurrency),
      Rule(symbol: "swift_defaultActor_initialize", name: "an actor", kind: .concurrency),
      Rule(symbol: "$ss8readLine16strippingNewlineSSSgSb_tF", name: "readLine()", kind: .file),
    ]
  }()

  /// Functions of the C library and the system.
  private static let systemFunctions: [(ForbiddenKind, String)] = [
    (
      .randomness,
      """
      getrandom getentropy arc4random arc4random_uniform arc4random_buf rand rand_r srand random srandom \
      drand48 \
      erand48 lrand48 nrand48 mrand48 jrand48
      """
    ),
    (
      .clock,
      """
      clock_gettime clock_getres clock_nanosleep gettimeofday time clock times ftime timespec_get localtime \
      localtime_r gmtime gmtime_r mktime sleep usleep nanosleep alarm setitimer timer_create timerfd_create
      """
    ),
    (
      .file,
      """
      open open64 openat openat64 creat creat64 fopen fopen64 fdopen freopen read pread readv write pwrite \
      writev \
      close mkdir rmdir unlink rename link symlink stat stat64 fstat fstat64 lstat opendir mkstemp tmpfile \
      truncate \
      ftruncate fsync mmap mmap64 shm_open memfd_create pipe pipe2 dlopen getline fgets fread fscanf scanf
      """
    ),
    (
      .network,
      """
      socket socketpair connect bind listen accept accept4 send sendto sendmsg recv recvfrom recvmsg \
      getaddrinfo \
      gethostbyname poll ppoll select epoll_create epoll_create1 eventfd
      """
    ),
    (
      .concurrency,
      """
      pthread_create thrd_create sem_init sem_open pthread_cond_init pthread_cond_wait sched_yield signal \
      sigaction \
      dispatch_async
      """
    ),
    (
      .sharedState,
      """
      pthread_mutex_init pthread_mutex_lock pthread_rwlock_init pthread_rwlock_wrlock pthread_key_create \
      pthread_setspecific pthread_spin_init
      """
    ),
    (
      .environment,
      "getenv secure_getenv setenv putenv unsetenv environ gethostname uname getpid getppid getuid sysconf"
    ),
    (
      .process,
      """
      exit _exit _Exit quick_exit abort atexit fork vfork execl execle execlp execv execve execvp execvpe \
      posix_spawn \
      posix_spawnp system popen kill raise syscall ptrace setjmp longjmp waitpid
      """
    ),
  ]

  /// Beginnings of mangled names: whole types and whole modules. The first that fits counts.
  private static let prefixRules: [Rule] = {
    var rules = [
      Rule(
        symbol: "$ss27SystemRandomNumberGeneratorV", name: "SystemRandomNumberGenerator", kind: .randomness),
      Rule(symbol: "$ss15ContinuousClockV", name: "ContinuousClock", kind: .clock),
      Rule(symbol: "$ss5ClockPss010ContinuousA0V", name: "ContinuousClock", kind: .clock),
      Rule(symbol: "$ss15SuspendingClockV", name: "SuspendingClock", kind: .clock),
      Rule(symbol: "$ss5ClockPss010SuspendingA0V", name: "SuspendingClock", kind: .clock),
      Rule(symbol: "$ss11CommandLineO", name: "CommandLine", kind: .environment),
      Rule(symbol: "$sScM", name: "MainActor", kind: .concurrency),
      Rule(symbol: "$sScS", name: "AsyncStream", kind: .concurrency),
      Rule(symbol: "$sScT", name: "Task", kind: .concurrency),
      Rule(symbol: "$sScG", name: "a task group", kind: .concurrency),
      Rule(symbol: "$ss13withTaskGroup", name: "a task group", kind: .concurrency),
      Rule(symbol: "$s15Synchronization5MutexV", name: "Mutex", kind: .sharedState),
      Rule(symbol: "$s15Synchronization12_MutexHandleV", name: "Mutex", kind: .sharedState),
      Rule(symbol: "$s15Synchronization5_CellV", name: "Mutex", kind: .sharedState),
      Rule(symbol: "$s15Synchronization6AtomicV", name: "Atomic", kind: .sharedState),
      Rule(symbol: "$s15Synchronization18_Atomic", name: "Atomic", kind: .sharedState),
      Rule(symbol: "$s15Synchronization19_Atomic", name: "Atomic", kind: .sharedState),
      Rule(symbol: "$s15Synchronization20_Atomic", name: "Atomic", kind: .sharedState),
      Rule(symbol: "$s15Synchronization", name: "Synchronization", kind: .sharedState),
      Rule(symbol: "$s8Dispatch0A4TimeV", name: "DispatchTime", kind: .clock),
      Rule(symbol: "$s8Dispatch0A8WallTimeV", name: "DispatchWallTime", kind: .clock),
      Rule(symbol: "$s8Dispatch", name: "Dispatch", kind: .concurrency),
      Rule(symbol: "dispatch_", name: "Dispatch", kind: .concurrency),
      Rule(symbol: "$s5Glibc4open", name: "open()", kind: .file),
      Rule(symbol: "$s5Glibc5fcntl", name: "fcntl()", kind: .file),
      // Extensions of String in Foundation.
      Rule(symbol: "$sSS20FoundationEssentialsE14contentsOf", name: "String(contentsOf…)", kind: .file),
      Rule(symbol: "$sSy20FoundationEssentialsE5write2to", name: "write(to:)", kind: .file),
      Rule(symbol: "$sSy20FoundationEssentialsE5write6toFile", name: "write(toFile:)", kind: .file),
      Rule(symbol: "$sSS10FoundationE14contentsOf", name: "String(contentsOf…)", kind: .file),
      Rule(symbol: "$sSy10FoundationE5write", name: "write(to:)", kind: .file),
    ]
    // Foundation's types moved into a module of their own; either may be named.
    for module in ["$s20FoundationEssentials", "$s10Foundation"] {
      rules += [
        Rule(symbol: module + "4DateVACycfC", name: "Date()", kind: .clock),
        Rule(symbol: module + "4DateV3nowACvgZ", name: "Date.now", kind: .clock),
        Rule(symbol: module + "4DateV20timeIntervalSinceNow", name: "Date", kind: .clock),
        Rule(symbol: module + "4DateV026timeIntervalSinceReferenceC0SdvgZ", name: "Date", kind: .clock),
        Rule(symbol: module + "4UUIDVACycfC", name: "UUID()", kind: .randomness),
        Rule(symbol: module + "11FileManagerC", name: "FileManager", kind: .file),
        Rule(symbol: module + "10FileHandleC", name: "FileHandle", kind: .file),
        Rule(symbol: module + "4DataV10contentsOf", name: "Data(contentsOf:)", kind: .file),
        Rule(symbol: module + "4DataV5write2to", name: "Data.write(to:)", kind: .file),
        Rule(symbol: module + "11ProcessInfoC12systemUptime", name: "ProcessInfo.systemUptime", kind: .clock),
        Rule(symbol: module + "11ProcessInfoC", name: "ProcessInfo", kind: .environment),
        Rule(symbol: module + "7ProcessC", name: "Process", kind: .process),
        Rule(symbol: module + "6ThreadC", name: "Thread", kind: .concurrency),
        Rule(symbol: module + "5TimerC", name: "Timer", kind: .concurrency),
        Rule(symbol: module + "7RunLoopC", name: "RunLoop", kind: .concurrency),
        Rule(symbol: module + "14OperationQueueC", name: "OperationQueue", kind: .concurrency),
        Rule(symbol: module + "6NSLockC", name: "NSLock", kind: .sharedState),
        Rule(symbol: module + "15NSRecursiveLockC", name: "NSRecursiveLock", kind: .sharedState),
        Rule(symbol: module + "11NSConditionC", name: "NSCondition", kind: .sharedState),
        Rule(symbol: module + "12UserDefaultsC", name: "UserDefaults", kind: .file),
        Rule(symbol: module + "18NotificationCenterC", name: "NotificationCenter", kind: .sharedState),
      ]
    }
    rules.append(Rule(symbol: "$s20FoundationNetworking", name: "URLSession", kind: .network))
    return rules
  }()
}
