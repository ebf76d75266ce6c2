/// The properties that week 2 judges, each as a rule in a sentence: what a student reads beside the run that broke it.
enum StoreRuleBook {
  static let sentences: [String: String] = [
    // 2A
    "Clock condition": "If one event may have caused another, its Lamport stamp is the smaller.",
    "Vector clocks are exact":
      "One vector is before another exactly where the one event may have caused the other; all else is concurrent.",
    "Merging is exact": "A merged vector knows, of every node, the newest event that either of the two knew.",
    "A hybrid clock goes forward":
      "Each stamp is above all that the node gave or received before, whatever its wall clock does.",
    "Close to physical time": "A hybrid stamp is never behind the wall clock of the node that gives it.",
    "Bounded drift":
      "The physical part of a stamp comes from some wall clock: it is never ahead of all of them.",
    "A small counter": "The counter starts anew whenever the physical part moves.",
    "Order of hybrid stamps":
      "Of two stamps the physical parts decide; where they are equal, the counters do.",
    // 2B
    "Every key has an owner":
      "A key belongs to the next point on the ring; behind the last point comes the first.",
    "Keys are spread evenly":
      "Each node has many points on the ring, so that no node owns far more than its share.",
    "Keys by weight": "A node has as many points as its weight asks for.",
    "The owner comes first": "The first of a key's nodes is its owner.",
    "Replicas on distinct nodes":
      "A key's list has as many different nodes as were asked for, or all there are.",
    "A longer list goes on from a shorter one":
      "Asking for more nodes adds to the end of the list, and changes nothing before.",
    "A node that comes moves nothing between others":
      "A new node takes keys over; no key moves between old nodes.",
    "A node that comes takes its share": "A new node owns about as many keys as each of the others.",
    "A node that goes moves nothing between others": "Only the keys of the node that went get another owner.",
    "A node that returns finds its keys":
      "A node's points depend on its name alone: it comes back to the same ones.",
    "The hash function comes from outside": "Keys and points are hashed with the function that was given.",
    "Every process places alike":
      "The same nodes make the same ring, in every process and in whatever order they came.",
    // 2C and 2D
    "Acknowledged writes are read":
      "Where R + W > N, a read shares a replica with each acknowledged write: it finds that write, or what superseded it.",
    "No superseded version comes back":
      "Once a write is acknowledged that knew of a version, no read with R + W > N returns that version.",
    "A version goes when it is superseded":
      "A write takes the place of all that its context has seen: they never stand beside it.",
    "Nothing is invented": "A read returns what some client wrote to this key, as it was written.",
    "A failed write never happens":
      "\"failed\" promises that the write has no effect, now or later; whoever cannot promise it says \"unknown\".",
    "The request's quorum counts":
      "A request succeeds when as many of the key's replicas (or nodes, where its quorum is sloppy) have answered as it asks for, and not before.",
    "No progress: a quorum in reach":
      "A request succeeds, in time, whenever as many of the key's replicas (or nodes, where its quorum is sloppy) are in reach as it asks for.",
    "No progress: requests do not succeed": "Without faults, requests succeed.",
    "No progress: a request is never answered":
      "A node that does not crash answers every request, if only that it failed or that the outcome is unknown.",
    "No added item is lost": "A merged cart holds every item that was added and not knowingly removed.",
    "What is removed is gone": "An item is not in the cart from which it was just removed.",
    "A removed item returns from a concurrent version alone":
      "A merged cart holds nothing that none of the merged versions holds.",
    "Merging is commutative, associative and idempotent":
      "Siblings merge to the same cart in whatever order, in whatever groups, and however often.",
    // 2E
    "Eventual convergence": "When faults have ended, all replicas of a key come to hold the same.",
    "Agreement is cheap": "Replicas that differ in a few keys do not send each other all of them.",
    // 2F
    "No progress: a view is settled":
      "Where nothing keeps nodes from each other, all that they have to hand over is soon handed over.",
    "Keys lie on members":
      "When a change is closed all members know the same replicas of each key: members alone, and each holds its part.",
    "Disks hold their share":
      "Keys lie on their replicas, and nowhere else once a change is closed: each member's disk has about its share.",
    // 2G
    "Linearizability":
      "Each operation takes effect at one instant between call and answer, as if there were one copy.",
    "The answer fits the request":
      "A get is answered by what was found or by \"failed\"; a put by \"stored\", \"failed\" or \"unknown\".",
  ]
}
