/// The properties that week 4 judges, each as a rule in a sentence: what a student reads beside the run that broke it.
enum ChaosRuleBook {
  static let sentences: [String: String] = [
    // 4A
    "An open breaker lets nothing through":
      "From the failure that opens a breaker until its pause is over, every call is rejected.",
    "A closed breaker lets everything through":
      "Only failures of calls to this very service, made since it last closed, open its breaker.",
    "A half-open breaker lets a probe through":
      "When the pause is over the next call goes through, and so on until enough probes have succeeded or one has failed.",
    "One probe at a time":
      "While a half-open breaker waits for how a probe ends, it rejects every other call.",
    "A rejected call reaches nobody":
      "Whoever is told that the call is rejected knows that no service was asked.",
    "A call is one question": "A call that is let through asks its service, once; retries are for stage 4B.",
    "A call is let through or rejected at once":
      "A call does not wait for its breaker: it goes, or it is rejected.",
    "What the service said is what the client is told":
      "The client is told what the service said to this call, or that the timeout has passed.",
    "Answers come in time":
      "A client is told as soon as the service has answered, and when the timeout has passed at the latest.",
    // 4B
    "A call is passed on as it came":
      "Question, repetition and key reach the service as the client gave them, and the route ends there.",
    "The time left travels with the call":
      "Whoever passes a call on says how much of the client's time is left: what it came with, less what has passed here.",
    "Nothing is asked when the time is over": "What nobody waits for any more is not begun.",
    "A client is answered in time": "When its time is over a client is told so, whatever is still under way.",
    "What has ended is not asked again": "Nobody asks for what was answered, refused or given up.",
    "What may have happened is not repeated":
      "A call that must not be repeated is asked again only if the service said that it had not begun.",
    "A retry is paid for": "Retries are no more than the reserve and what the calls have earned.",
    "Retries do not multiply":
      "Only the proxy next to the trouble retries; what it has given up nobody tries again.",
    "Retries are spread": "Whatever fails at one instant is not tried again at one instant.",
    "Waits grow from one retry to the next": "Before each further retry the longest wait is twice as long.",
    "What can be had by trying again is had":
      "A call that may be repeated is tried again, as long as there is time and it can be paid for.",
    "A call without trouble is answered": "A call is given up early only if an attempt has failed.",
    "No more attempts are under way than there are permits":
      "At each node so many attempts may be under way at once, and no more.",
    "No more wait than there are places":
      "A call that finds neither permit nor place is turned away, at once.",
    "Nobody is turned away while there is room": "As long as there is a permit or a place a call is taken.",
    "Nobody is turned away who was let in": "A client is told that there is no room at once, or never.",
    "Whoever waits for a retry holds nothing":
      "A call that waits for its retry holds neither permit nor place: others use them meanwhile.",
    "Permits come back": "However an attempt ends, its permit is free again.",
    "One service's trouble is not another's":
      "Calls to a service that is well do not wait for those to another.",
    // 4C
    "A page comes in time": "Whatever has become of the services, a client has its page within the limit.",
    "What is damaged is not shown":
      "A text whose digest is another one is no answer: ask again, or show what is kept.",
    "A page is about its user": "Each section shows what was answered about this part of this user's page.",
    "What is kept is marked":
      "Fresh is what was answered after the page was asked for. All else is kept, and the client is told so.",
    "What is kept is not shown for ever": "A kept piece that is too old is shown no more.",
    "What was answered is kept": "Where nothing is to be had a page shows what was answered before.",
    "The newest piece is kept": "What is shown where nothing is to be had is what was answered last.",
    "Parts are asked for at one time":
      "No part waits for another: the page takes as long as the slowest of its parts.",
    "What can be had is fresh": "As long as nobody is in trouble, every section is fresh.",
    "Who is well is asked": "Where one instance is in trouble the other one is asked, while there is time.",
    "One part's trouble is not another's":
      "Parts that can be had are fresh, whatever has become of the others.",
    "Who is well again is asked again":
      "An instance that was in trouble is tried again before long, and used again if it is well.",
    "The gateway keeps its promise":
      "Over all seeds together, pages are whole, fresh and fast, and the services are not asked too often.",
  ]
}
