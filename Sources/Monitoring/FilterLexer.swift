/// A word or a sign of a filter, and where it begins.
struct FilterToken: Equatable {
  /// As written.
  var text: String
  /// In characters, counted from 1.
  var position: Int

  /// For keywords, which may be written in either case; `_` counts as `-`, so that names of JSON fields are keywords.
  var keyword: String {
    String(text.lowercased().map { $0 == "_" ? "-" : $0 })
  }
}

/// Cuts a filter into tokens: parentheses, signs of comparison, `!`, `&&` and `||` stand for themselves; anything else up to
/// the next of them or a space is a word.
enum FilterLexer {
  static func tokens(of text: String) -> [FilterToken] {
    var tokens: [FilterToken] = []
    var word = ""
    let characters = Array(text)
    var index = 0

    func endWord() {
      guard !word.isEmpty else { return }
      tokens.append(FilterToken(text: word, position: index - word.count + 1))
      word = ""
    }

    while index < characters.count {
      let sign = Self.sign(at: index, in: characters)
      if let sign {
        endWord()
        tokens.append(FilterToken(text: sign, position: index + 1))
      } else if characters[index].isWhitespace {
        endWord()
      } else {
        word.append(characters[index])
      }
      index += sign?.count ?? 1
    }
    endWord()
    return tokens
  }

  private static func sign(at index: Int, in characters: [Character]) -> String? {
    let first = characters[index]
    guard "()!=<>&|".contains(first) else { return nil }
    guard index + 1 < characters.count else { return String(first) }
    switch (first, characters[index + 1]) {
    case ("!", "="), ("=", "="), ("<", "="), (">", "="), ("&", "&"), ("|", "|"):
      return String([first, characters[index + 1]])
    default:
      return String(first)
    }
  }
}
