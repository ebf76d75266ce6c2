/// The properties that week 1 judges, each as a rule in a sentence: what a student reads beside the run that broke it.
enum RaftRuleBook {
  static let sentences: [String: String] = [
    // 1A
    "Election safety": "A term has at most one leader.",
    "One vote a term":
      "A node votes for one candidate a term, and remembers the vote and the term on its disk before it answers.",
    "Leader without a majority":
      "A candidate leads once more than half of all members, itself included, have voted for it in this very term.",
    "Term never falls": "A term only grows, also across restarts.",
    "A stable leader stays":
      "Who hears a leader often enough does not campaign: heartbeats come well within every election timeout.",
    "An old leader steps down":
      "Who hears of a newer term, in a request or in a reply, becomes its follower.",
    "Heartbeats": "A leader that has nothing to say sends empty appends, again and again.",
    "Message budget": "A heartbeat to each peer now and then is enough; what nobody waits for is not sent.",
    "No progress: no leader":
      "Nodes that hear each other elect a leader: timeouts are drawn anew for each election, and a timer always runs.",
    "No progress: no new leader":
      "When the leader is gone, a follower's election timer runs out, and it campaigns in a new term.",
    "Status": "`status` tells the role, term, vote and indices that the node really holds.",
    // 1B
    "Log matching":
      "Two entries of one index and term are the same, and so is all that comes before them: an append is taken only "
      + "where the entry before it matches.",
    "Leader append-only": "A leader never changes or removes an entry of its own log.",
    "Leader completeness":
      "What is committed is in the log of every later leader: a vote goes only to a log that is at least as up to date.",
    "State machine safety":
      "If a node has applied an entry at an index, no other ever applies another one there.",
    "Commit needs a majority":
      "An entry of the leader's own term is committed once more than half of all members hold it.",
    "Committed entries stay": "What is committed is never removed or replaced, whoever asks for it.",
    "Commit index never falls": "The commit index only grows while a node runs.",
    "Applied before committed": "Only what is committed is applied.",
    "Applied in order": "Entries are applied one after another, each index once a boot.",
    "Applied from a compacted log": "What a snapshot stands for is not applied again, but restored.",
    "Consecutive indices": "The log holds an entry for each index from its first to its last.",
    "Only what was proposed": "The log holds what clients proposed, and nothing made up.",
    "Catching up":
      "A follower that is far behind is brought up in few round trips: a refusal skips a whole term, or halves what is left.",
    "Payload budget": "A command is sent to a peer about once; what is on its way already is not sent again.",
    "No progress: nothing agreed":
      "As long as a majority can talk, what is proposed to the leader is committed, and everyone in reach applies it.",
    "No progress: a node does not catch up":
      "A leader goes back in a follower's log until the two match, and sends what follows.",
    "No progress: proposals lost":
      "A leader appends each proposal of its own, also those that come at one time.",
    "No progress: one node's campaigns keep the others from committing":
      "A node that hears nobody may raise the term, but the others must still elect a leader and commit.",
    "No progress under load": "Every command proposed to a stable leader is applied by all nodes.",
    // 1D
    "The log is compacted": "What is applied is replaced by a snapshot when the log has grown to its limit.",
    "Snapshots are sent": "Who needs entries that the leader no longer holds gets its snapshot.",
    "A restart begins at the snapshot":
      "A node that starts again restores its snapshot, and goes on behind it.",
    "A candidate follows the leader of its term":
      "A candidate that hears a leader of its own term, in whatever message, becomes its follower.",
    // 1E
    "Linearizability":
      "Every operation takes effect at one instant between its call and its answer, and a read sees the latest write "
      + "before it.",
    "Exactly once":
      "An operation that is asked for again is not done again: the session's last number and answer are part of the "
      + "replicated state.",
    "Exactly once: two answers to one operation":
      "An operation that was answered keeps its answer, whichever node is asked again.",
    "The answer fits the request":
      "A get is answered with a value, a compare-and-set with whether it swapped.",
    "Every client is answered":
      "A client that waits at a node that runs is told something, if only that it is unknown.",
    "A leader without a majority steps down":
      "A leader that has heard from no majority for two election timeouts follows, and answers its clients.",
    "Latency": "An operation takes about two trips over a link, and no timer's length beside.",
    "Throughput": "Operations of several clients are under way at the same time.",
    "No progress: clients unanswered": "Clients that ask again are served as soon as a majority can talk.",
    "No progress: an operation is never answered":
      "A client that asks again and again gets an answer in the end.",
    // 1F
    "Who cannot win does not campaign": "Before it raises its term, a node asks whether it would be elected.",
    "Who leads does not campaign": "A leader steps down to a follower first.",
    "The lead is handed over":
      "The leader brings its successor's log up to date, and tells it to campaign at once.",
    "No progress: the lead hangs in the air":
      "A hand-over that does not come about is given up within an election timeout, and proposals are taken again.",
    "One change of members at a time": "A leader begins no change before the last one is committed.",
    "No change of members before a commit of the own term":
      "A new leader changes the members only after it has committed an entry of its own term.",
    "One member at a time": "A change adds or removes one member, so that old and new majorities overlap.",
    "Members are nodes": "The members are nodes of this cluster, and there is at least one.",
    "Members follow the log": "A node goes by the newest change of members in its log, committed or not.",
    "Members are shown": "From stage 1F on, `status` tells the members.",
    "A change that is not committed is taken back":
      "When the entry of a change is removed from the log, the members are those before it.",
    "A snapshot holds the members": "A snapshot tells the members as of its last entry.",
    "A removed leader steps down":
      "A leader that is no member any more leads until that is committed, and then follows.",
    "No progress: members unchanged":
      "A change that the leader accepts is committed as soon as a majority can talk.",
  ]
}
