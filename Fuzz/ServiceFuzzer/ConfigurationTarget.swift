import FuzzDriver
import Settings

/// A configuration file: it is read, or every error has a line.
enum ConfigurationTarget {
  static func run(_ octets: RawSpan) {
    let text = octets.text
    // Files that it names are somebody else's.
    guard !text.contains("include"), !text.contains("file") else { return }
    do {
      _ = try Settings.parse(text, file: "fuzz.yaml")
    } catch {
      let said = "\(error)"
      promise(!said.isEmpty, "an error says what is wrong")
      promise(!said.contains("\u{1B}"), "an error repeats no control characters")
    }
  }
}
