import Checkers
import Testing

@Suite("The models")
struct ModelTests {
  @Test("a set changes by what was not there, or was, and splits by element")
  func set() {
    let model = SetModel()
    #expect(model.step([], .add("a"), returning: .changed(true)) == ["a"])
    #expect(model.step(["a"], .add("a"), returning: .changed(true)) == nil)
    #expect(model.step(["a"], .add("a"), returning: .changed(false)) == ["a"])
    #expect(model.step(["a"], .add("a"), returning: .done) == ["a"])
    #expect(model.step(["a", "b"], .remove("a"), returning: .changed(true)) == ["b"])
    #expect(model.step(["b"], .remove("a"), returning: .changed(true)) == nil)
    #expect(model.step(["b"], .contains("b"), returning: .contained(true)) == ["b"])
    #expect(model.step(["b"], .contains("b"), returning: .contained(false)) == nil)
    #expect(model.step(["b"], .members, returning: .members(["b"])) == ["b"])
    #expect(model.step(["b"], .members, returning: .members([])) == nil)
    #expect(model.key(of: .add("a")) == "a" && model.key(of: .members) == nil)
    #expect(model.describe(.members, returning: .members(["b", "a"])) == "members → {\"a\", \"b\"}")
  }

  @Test("a queue gives back first what came first")
  func queue() {
    let model = QueueModel()
    #expect(model.step(["a"], .enqueue("b"), returning: .done) == ["a", "b"])
    #expect(model.step(["a", "b"], .dequeue, returning: .element("a")) == ["b"])
    #expect(model.step(["a", "b"], .dequeue, returning: .element("b")) == nil)
    #expect(model.step([], .dequeue, returning: .element(nil)) == [])
    #expect(model.step(["a"], .dequeue, returning: .element(nil)) == nil)
    #expect(model.step(["a"], .dequeue, returning: nil) == [])
    #expect(model.describe(.dequeue, returning: .element(nil)) == "dequeue → nothing")
  }

  @Test("a log keeps every entry where it is")
  func log() {
    let model = LogModel()
    #expect(model.step(["a"], .append("b"), returning: .appended(at: 1)) == ["a", "b"])
    #expect(model.step(["a"], .append("b"), returning: .appended(at: 0)) == nil)
    #expect(model.step(["a"], .append("b"), returning: .done) == ["a", "b"])
    #expect(model.step(["a"], .read(at: 0), returning: .entry("a")) == ["a"])
    #expect(model.step(["a"], .read(at: 1), returning: .entry(nil)) == ["a"])
    #expect(model.step(["a"], .read(at: -1), returning: .entry(nil)) == ["a"])
    #expect(model.step(["a"], .readAll, returning: .entries(["a"])) == ["a"])
    #expect(model.step(["a"], .readAll, returning: .entries([])) == nil)
    #expect(model.rulesOut(["a"], .readAll, returning: .entries([])))
    #expect(!model.rulesOut(["a"], .readAll, returning: .entries(["a", "b"])))
    #expect(model.rulesOut(["a"], .read(at: 0), returning: .entry(nil)))
    #expect(model.describe(.read(at: 1), returning: .entry("b")) == "read(at: 1) → \"b\"")
  }
}
