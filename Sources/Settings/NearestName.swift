/// Guesses what was meant by a name that does not exist.
enum NearestName {
  /// The name that takes the fewest edits, unless that is a third of the name or more.
  static func of(_ name: String, in names: [String]) -> String? {
    let folded = fold(name)
    let nearest = names.map { (name: $0, distance: distance(folded, fold($0))) }.min { $0.distance < $1.distance }
    guard let nearest, nearest.distance <= max(1, min(folded.count, 20) / 3) else { return nil }
    return nearest.name
  }

  /// The only name that begins so, when there is enough of it to tell: `warn` for `warning`.
  static func abbreviated(_ name: String, in names: [String]) -> String? {
    let folded = fold(name)
    let matches = names.filter { fold($0).starts(with: folded) }
    return folded.count >= 3 && matches.count == 1 ? matches.first : nil
  }

  /// `Listen-Address` and `listen_address` differ in style only.
  private static func fold(_ name: String) -> [Character] {
    Array(name.lowercased().prefix(40)).map { $0 == "-" ? "_" : $0 }
  }

  /// Insertions, deletions and replacements from one to the other (Levenshtein), row by row.
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
