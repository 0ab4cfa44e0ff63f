import Yams

/// Aliases (`*name`) are read where they are values, and are none in keys: keys are hashed, and a few aliases that stand
/// for each other are more nodes than there is time for. Which stars begin one only the grammar knows, so it is asked: with
/// another character for each star, what would be an alias is a plain text that begins with that character.
enum Aliases {
  private static let star: Unicode.Scalar = "*"
  /// For private use (Unicode): in no text that somebody wrote.
  private static let mask: Unicode.Scalar = "\u{E000}"

  static func mayBe(in text: String) -> Bool { text.utf8.contains(UInt8(ascii: star)) }

  static func masked(_ text: String) -> String { replace(star, by: mask, in: text) }
  static func unmasked(_ text: String) -> String { replace(mask, by: star, in: text) }

  /// The first of a masked document that is in a key, or no name: then what follows it may be read otherwise.
  static func misplaced(in node: Node, isKey: Bool = false) -> Node? {
    switch node {
    case .scalar(let scalar):
      let text = scalar.string.unicodeScalars
      guard scalar.style == .plain, text.first == mask else { return nil }
      return isKey || !text.dropFirst().allSatisfy(isOfName) ? node : nil
    case .sequence(let nodes):
      for node in nodes { if let alias = misplaced(in: node, isKey: isKey) { return alias } }
    case .mapping(let pairs):
      for (key, value) in pairs {
        if let alias = misplaced(in: key, isKey: true) ?? misplaced(in: value, isKey: isKey) { return alias }
      }
    case .alias: return node
    }
    return nil
  }

  /// As libyaml has it.
  private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z", "_", "-": true
    default: false
    }
  }

  private static func replace(_ old: Unicode.Scalar, by new: Unicode.Scalar, in text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(scalar == old ? new : scalar) }
    return String(scalars)
  }
}
