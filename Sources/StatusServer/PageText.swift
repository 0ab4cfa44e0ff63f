/// The page at `/`: one document that asks nothing of anybody else.
enum PageText {
  /// In the order in which they build on each other.
  private static let scripts = [
    EmbeddedText.domJS, EmbeddedText.tablesJS, EmbeddedText.chartJS, EmbeddedText.ladderJS, EmbeddedText.connectionsJS,
    EmbeddedText.liveJS,
  ]

  /// - Parameters:
  ///   - nonce: names what may run; nobody who slips text into the page knows it.
  ///   - servesPackets: capture files of alerts can be had where the page came from.
  static func write(nonce: String, servesPackets: Bool) -> String {
    let elements = scripts.map { "<script nonce=\"\(nonce)\">\n\"use strict\";\n\($0)</script>" }
    return EmbeddedText.pageHTML
      .replacing("{{nonce}}", with: nonce)
      .replacing("{{packets}}", with: servesPackets ? "yes" : "no")
      .replacing("{{style}}", with: EmbeddedText.pageCSS)
      .replacing("{{scripts}}", with: elements.joined(separator: "\n"))
  }

  static func policy(nonce: String) -> String {
    [
      "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'", "connect-src 'self'",
      "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].joined(separator: "; ")
  }
}

extension Answer {
  static func page(servesPackets: Bool) -> Answer {
    let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    var answer = text(
      PageText.write(nonce: nonce, servesPackets: servesPackets),
      contentType: "text/html; charset=utf-8"
    )
    answer.fields = [
      ("Content-Security-Policy", PageText.policy(nonce: nonce)), ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    return answer
  }
}
