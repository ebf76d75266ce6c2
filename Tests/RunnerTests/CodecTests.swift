import LabKit
import Testing

@Suite("Codec")
struct CodecTests {
  private enum Shape: Hashable, Codable {
    case nothing
    case pair(Int, name: String?)
    case nested([Shape], [String: Int?], Set<Int>)
  }

  private struct Record: Hashable, Codable {
    var small: Int8?
    var flag: Bool
    var bytes: [UInt8]
    var optionals: [Int?]
    var shape: Shape
    var ratio: Double
    var table: [Int: [String]]
    var big: UInt64
  }

  private func record(_ random: inout RandomStream, depth: Int = 0) -> Record {
    Record(
      small: random.next(in: 0...1) == 0 ? nil : Int8(random.next(in: -128...127)),
      flag: random.next(in: 0...1) == 1,
      bytes: (0..<random.next(in: 0...5)).map { _ in UInt8(random.next(in: 0...255)) },
      optionals: (0..<random.next(in: 0...4)).map { $0 % 2 == 0 ? nil : random.next(in: -9...9) },
      shape: shape(&random, depth: 0), ratio: Double(random.next(in: -1_000...1_000)) / 7,
      table: Dictionary(
        uniqueKeysWithValues: (0..<random.next(in: 0...4)).map { ($0 * 7 - 5, ["é\($0)", ""]) }),
      big: random.next())
  }

  private func shape(_ random: inout RandomStream, depth: Int) -> Shape {
    switch random.next(in: 0...(depth > 2 ? 1 : 2)) {
    case 0: .nothing
    case 1: .pair(random.next(in: .min ... .max), name: random.next(in: 0...1) == 0 ? nil : "name")
    default:
      .nested(
        (0..<random.next(in: 0...3)).map { _ in shape(&random, depth: depth + 1) }, ["a": nil, "b": 2],
        Set((0..<random.next(in: 0...4)).map { $0 * 3 }))
    }
  }

  @Test("a thousand random values come back as they went in")
  func roundTrip() throws {
    var random = RandomStream(seed: 1)
    for _ in 0..<1_000 {
      let value = record(&random)
      let bytes = try WireCodec.encode(value)
      #expect(try WireCodec.decode(Record.self, from: bytes) == value)
    }
  }

  private struct Book: Codable {
    var term = 0
    var records: [Record] = []
    var counts: [Int] = []
    var title: [UInt8] = []
    /// Equal to all others, and not encoded alike.
    var twins: [Twin] = []
  }

  private struct Twin: Hashable, Codable {
    var name: String
    static func == (left: Twin, right: Twin) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
  }

  @Test("a value that was changed a little has the bytes that it has without a memory of the earlier one")
  func rememberedValues() throws {
    var random = RandomStream(seed: 5)
    var book = Book()
    let memory = WireMemory()
    for _ in 0..<3_000 {
      for _ in 0..<random.next(in: 0...2) {
        switch random.next(in: 0...9) {
        case 0...2: book.records.append(record(&random))
        case 3 where !book.records.isEmpty: book.records.removeLast()
        case 4 where !book.records.isEmpty: book.records.removeFirst()
        case 5 where !book.records.isEmpty:
          book.records[random.next(in: 0...(book.records.count - 1))].bytes.append(1)
        case 6 where !book.records.isEmpty:
          book.records[random.next(in: 0...(book.records.count - 1))].shape = shape(&random, depth: 0)
        case 7: book.counts.append(book.term)
        case 8: book.twins = [Twin(name: "\(random.next(in: 0...2))"), Twin(name: "a long name, kept apart")]
        default: book.term += 1
        }
      }
      #expect(try WireCodec.encode(book, remembering: memory) == WireCodec.encode(book))
    }
  }

  @Test("damaged bytes are an error, never a trap")
  func damagedBytes() throws {
    var random = RandomStream(seed: 2)
    var refused = 0
    for _ in 0..<2_000 {
      var bytes = try WireCodec.encode(record(&random))
      if random.next(in: 0...1) == 0 {
        bytes.removeLast(random.next(in: 1...bytes.count))
      } else {
        bytes[random.next(in: 0...(bytes.count - 1))] = UInt8(random.next(in: 0...255))
      }
      do { _ = try WireCodec.decode(Record.self, from: bytes) } catch { refused += 1 }
    }
    #expect(refused > 1_000)
  }

  @Test("equal sets have equal bytes, whatever the order they were built in")
  func setOrder() throws {
    let forward = Set(0..<100)
    let backward = Set((0..<100).reversed().map { $0 })
    #expect(try WireCodec.encode(forward) == WireCodec.encode(backward))
  }

  private struct CommandLike: Hashable, Codable {
    let id: UInt64
    let payload: [UInt8]
  }

  @Test("a command has the bytes of any value with its fields, alone and within others")
  func commands() throws {
    let commands: [Command?] = [Command(id: 7, payload: [1, 2]), nil, Command(id: .max)]
    let alike = commands.map { $0.map { CommandLike(id: $0.id, payload: $0.payload) } }
    let bytes = try WireCodec.encode(commands)
    #expect(try bytes == WireCodec.encode(alike))
    #expect(try WireCodec.decode([Command?].self, from: bytes) == commands)
    #expect(throws: WireError.self) { try WireCodec.decode([Command?].self, from: Array(bytes.dropLast(3))) }
  }
}
