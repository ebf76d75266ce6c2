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
  ]
}
