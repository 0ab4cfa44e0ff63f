/// One silence as the API tells it.
struct SilenceLine: Decodable, Equatable {
  var id: String
  var matchers: [String]
  var comment: String?
  var createdAt: String?
  var endsAt: String
  /// Those that it holds for now, by their ids.
  var alerts: [String]?

  /// How much it keeps back now: a matcher that fits nothing may be a slip.
  var held: String {
    switch alerts?.count ?? 0 {
    case 0: "No alert that is pending or firing now fits."
    case let count:
      "\(Figure.count(count, "alert")) that \(count == 1 ? "is" : "are") pending or firing now \(count == 1 ? "fits" : "fit")."
    }
  }
}

/// An answer of `GET /api/v1/silences`.
struct SilencesDocument: Decodable {
  var time: String?
  var silences: [SilenceLine]
}
