/// Reads the filter language: `or` binds loosest, then `and` (written or implied by standing side by side), then `not`.
///
///     expression = conjunction { "or" conjunction }
///     conjunction = negation { ["and"] negation }
///     negation = "not" negation | "(" expression ")" | term
///
/// The terms are in FilterParser+Terms.swift. Expressions come over HTTP too: their length and their depth are bounded.
struct FilterParser {
  static let maximumLength = 4096
  static let maximumDepth = 64

  private let tokens: [FilterToken]
  private var next = 0
  private let end: Int

  init(_ text: String) throws(FilterError) {
    guard text.utf8.count <= Self.maximumLength else {
      throw FilterError(
        position: Self.maximumLength + 1,
        expected: "a filter of at most \(Self.maximumLength) bytes",
        found: "\(text.utf8.count) bytes"
      )
    }
    tokens = FilterLexer.tokens(of: text)
    end = text.count + 1
  }

  /// The whole text as one filter; nothing but spaces selects everything.
  mutating func filter() throws(FilterError) -> ConnectionFilter {
    guard !tokens.isEmpty else { return .all }
    let filter = try expression(depth: 0)
    guard peek == nil else { throw error("\"and\", \"or\" or the end") }
    return filter
  }

  private mutating func expression(depth: Int) throws(FilterError) -> ConnectionFilter {
    var alternatives = [try conjunction(depth: depth)]
    while take("or", "||", "|") { alternatives.append(try conjunction(depth: depth)) }
    return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
  }

  private mutating func conjunction(depth: Int) throws(FilterError) -> ConnectionFilter {
    var parts = [try negation(depth: depth)]
    while let keyword = peek?.keyword, !["or", "||", "|", ")"].contains(keyword) {
      _ = take("and", "&&", "&")
      parts.append(try negation(depth: depth))
    }
    return parts.count == 1 ? parts[0] : .every(parts)
  }

  private mutating func negation(depth: Int) throws(FilterError) -> ConnectionFilter {
    guard depth < Self.maximumDepth else {
      throw error("at most \(Self.maximumDepth) parentheses and negations in each other")
    }
    if take("not", "!") { return .not(try negation(depth: depth + 1)) }
    guard take("(") else { return try term() }
    let inner = try expression(depth: depth + 1)
    guard take(")") else { throw error("\")\"") }
    return inner
  }
}

// MARK: - Tokens

extension FilterParser {
  var peek: FilterToken? { next < tokens.count ? tokens[next] : nil }

  /// Steps over the next token when it is one of these keywords or signs.
  mutating func take(_ keywords: String...) -> Bool {
    guard let keyword = peek?.keyword, keywords.contains(keyword) else { return false }
    next += 1
    return true
  }

  /// The next token as read by `read`, which answers nil when it is not what was expected.
  mutating func take<Value>(
    _ expected: @autoclosure () -> String,
    _ read: (FilterToken) -> Value?
  ) throws(FilterError) -> Value {
    guard let token = peek, let value = read(token) else { throw error(expected()) }
    next += 1
    return value
  }

  /// What is wrong with the next token.
  func error(_ expected: String) -> FilterError {
    FilterError(position: peek?.position ?? end, expected: expected, found: peek?.text)
  }
}
