extension Array {
  /// Where those begin that `isLatter` holds for, if they come after all others.
  func partitioningIndex(_ isLatter: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if isLatter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
