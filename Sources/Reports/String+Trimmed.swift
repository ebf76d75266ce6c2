extension String {
  var trimmed: String {
    String(drop(while: \.isWhitespace)).trimmedAtEnd
  }

  var trimmedAtEnd: String {
    var text = Substring(self)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
