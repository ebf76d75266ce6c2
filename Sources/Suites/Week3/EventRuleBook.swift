/// The properties that week 3 judges, each as a rule in a sentence: what a student reads beside the run that broke it.
enum EventRuleBook {
  static let sentences: [String: String] = [
    // 3A
    "One record an offset": "An offset is the place of one record, for ever.",
    "Offsets rise":
      "What is appended after an acknowledgement lies behind what was acknowledged, if it lies in the same partition.",
    "A key stays in its partition":
      "All records of a key lie in one partition, whichever node takes them and however often it has started.",
    "Every process comes to one node":
      "Which node keeps a key is the same by the word of every process, in every life: hashValue is not.",
    "Partitions lie on all nodes": "Whichever node is down, the partitions of the others can be read.",
    "An append is one record":
      "Without a fault, hardly a record that is appended once lies in the log twice.",
    "Nothing is invented": "A poll returns what somebody appended, as it was appended.",
    "A poll goes forward":
      "A poll returns records in the order of their offsets, no more than were asked for, and goes on behind the last.",
    "No record is skipped":
      "Whoever goes on where a poll told it to has been given every record before, but those that retention let go.",
    "Acknowledged records are found":
      "What was acknowledged, or read once, is there for every later poll until retention lets it go.",
    "One assignment a generation": "Whenever a member's partitions change, a new generation begins.",
    "A partition has one owner": "In a generation, each partition of the topic is one member's.",
    "Partitions are shared out evenly": "No member has two partitions more than another.",
    "A generation lasts":
      "A generation ends when a member comes, leaves or is silent for too long; not before.",
    "Generations rise": "A group's generation never falls back, whatever crashes.",
    "An older generation commits nothing": "A commit from a generation that has ended is refused.",
    "A member commits what is its own":
      "A member commits the partitions that it has in the present generation, and no others.",
    "Committed offsets stay": "What was committed stays committed, and no later commit lowers it.",
    "What a group has not read stays":
      "Retention spares every record that a group which has joined has not committed yet.",
    "The last records stay, and no others":
      "Retention keeps as many records as it was told to, and those that a group has yet to read; the others go.",
    // 3B
    "Nothing is published that did not happen":
      "An event is in the log only if the change that it tells of is on the service's disk.",
    "Every change is published":
      "Each change that is on the disk comes into the log, whatever crashed in between.",
    "Events of a key in order":
      "The events of one order come into the log in the order in which they happened.",
    "The relay comes to rest":
      "Without a fault few events come into the log twice; when all are there nothing is added, and a restart sends few again.",
    "What nobody placed is not cancelled": "Who wants to cancel what is no order is told so.",
    "One effect a key": "A user's key stands for one order, and each order has an id of its own.",
    "Nothing happens unasked": "There are no orders but those that users asked for.",
    "What is acknowledged lasts": "What a user was told is on the disk before the user is told.",
    "A key is its user's own": "Two users may have keys that read alike: they are two keys.",
    "A key stands for one request":
      "Who asks for something else under a key that was used is refused, also while the first is being served.",
    "A repeated request is the same": "Who asks for the same again, under the same key, gets the same order.",
    "The catalogue's price": "An order costs its quantity times the price that the catalogue has told.",
    // 3C
    "Every event counts once":
      "What is counted is what the events come to, each taken once, however often and in whichever order they come.",
    "What is charged was ordered":
      "Users pay what they ordered, at its price, and are paid back what was taken back.",
    "One charge an order": "However often an order is told, its user pays for it once.",
    "A refund follows its charge": "Users are paid back what they have paid: after that, and once.",
    "Every order is paid for, or paid back":
      "In the end each order is paid for; one that was cancelled or returned has cost nothing.",
    "No progress: events are not committed":
      "Where nothing fails, a group commits all that was appended: the offset behind the last record.",
    // 3D
    "One saga an order": "However often an order is started, it is carried out once, under one saga's id.",
    "A step begins when the one before is done":
      "Each step is asked for when the one before it has been done.",
    "Undone in reverse order":
      "A step is undone only when every later one is undone, blocked, or known not to be done.",
    "After the pivot there is only forward":
      "Whoever has asked for the shipping goes on asking; unless that fails, nothing is undone any more.",
    "Nothing is undone that never began": "Nobody is asked to undo what nobody was asked to do.",
    "Wholly done or wholly undone": "In the end all steps of an order are done, or none is left.",
    "What is told is so":
      "An order is completed when its last step is done, and cancelled when nothing is left of it.",
    "No progress: a saga does not end":
      "In time every order is completed or cancelled, whoever is slow, and whoever fell.",
    "A saga without trouble is carried through":
      "An order that nobody refuses, and for which nobody takes too long, is completed.",
    // 3E
    "Nothing is written that nobody asked for":
      "An event in the store is what a command comes to, in the schema of today, under that command's id.",
    "A command is done once":
      "However often a command is sent, and to whichever node, one event comes of it.",
    "No account is below zero": "Whoever decides to write an event knows all events before it.",
    "What is done is in the store":
      "A command is done when its event is in the store, at the version that is told.",
    "A command that is done stays done": "Who asks again for what was done is told that it is.",
    "What can be withdrawn is not refused": "Whoever refuses knows the account as it is, not as it was.",
    "A query is answered by the events":
      "A balance is what the account's events come to, up to the version that is told: each once, whatever its schema.",
    "Who has written reads what it wrote":
      "Who asks for a version at least is answered by it or a later one, by any node.",
    "A node's answers do not go back":
      "While a node runs it tells of no earlier version than before, also while it makes all anew.",
    "Queries are answered by what is new": "Without a fault, what is written is soon part of the answers.",
    "Letters go out for large withdrawals alone":
      "A letter goes out for a withdrawal that was written today and is large, and for nothing else.",
    "One letter a withdrawal":
      "However often an event is read, and by whichever node, one letter of it goes out.",
    "Each large withdrawal has its letter": "No letter is lost, whatever crashed between the event and it.",
    "What is made anew sends no letter again":
      "Reading events again is no reason to send what was sent: letters know how far they have come.",
    "A rebuild reads all events anew": "What is thrown away is made of the events, from the first.",
    "What was read is not read again":
      "Snapshots and checkpoints are on the disk: after a restart few events are read that were read before.",
    // 3F
    "Parcels of a customer in order":
      "A customer's parcels go out in the order of the log: none before the one that comes before it.",
    "Nothing is handed over that nobody sent": "The carrier is given what is in the log, and nothing else.",
    "No parcel is tried for ever": "After a bounded number of attempts a parcel is given up.",
    "What can be delivered is delivered":
      "What the carrier takes is handed over in time, whatever becomes of other customers' parcels.",
    "What cannot be delivered is a dead letter":
      "A parcel that was given up, and all of its customer's behind it, come into the topic of dead letters.",
    "What can be delivered is no dead letter":
      "What is rejected once or twice is handed over again, and not given up.",
    "Dead letters of a customer in order": "The dead letters of a customer are in the order of the parcels.",
    "What is held back is known": "Dispatch says how many parcels it holds back, by what is on the disk.",
    "No more is taken in hand than can be held":
      "Who cannot keep up does not poll: what waits, waits in the log.",
    // Any of them
    "The answer fits the request": "Each request is answered by what the contract has for it.",
    "No progress: who knows is in reach":
      "Where no node is down or cut off, every request succeeds in time.",
    "No progress: requests do not succeed": "Without faults, requests succeed.",
    "No progress: a request is never answered":
      "A node that does not crash answers every request in time, if only, in 3A, that the outcome is unknown.",
  ]
}
