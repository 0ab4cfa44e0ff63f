import Foundation
import Monitoring
import Testing

@testable import StatusServer

/// What is sent at `/`; what it does is seen in a browser (Tests/EndToEnd/scenarios/page.py).
@Suite struct PageTests {
  private func policy(_ answer: Answer) -> String {
    answer.fields.first { $0.name == "Content-Security-Policy" }?.value ?? ""
  }

  @Test func onlyWhatHasTheNonceMayRun() throws {
    let answer = Answer.page
    let text = String(decoding: answer.body, as: UTF8.self)
    let policy = policy(answer)
    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([a-z0-9]+)'/)).1
    #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
    #expect(text.matches(of: /<(script|style)[ >]/).count == text.matches(of: /<(script|style) nonce="/).count)
    #expect(text.contains("nonce=\"\(nonce)\"") && !text.contains("{{"))
  }

  @Test func everyAnswerHasANonceOfItsOwn() {
    #expect(Set((0..<50).map { _ in policy(.page) }).count == 50)
  }

  @Test func theDocumentAsksNobodyElse() {
    let text = String(decoding: Answer.page.body, as: UTF8.self)
    let addresses = text.matches(of: /(?:src|href)="([^"]*)"/).map(\.1)
    #expect(addresses.allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("/") || $0 == "data:," }, "\(addresses)")
    #expect(text.matches(of: /https?:\/\/[^"'\s]*/).allSatisfy { $0.output == "http://www.w3.org/2000/svg" })
    // Nothing makes markup of text.
    #expect(text.firstMatch(of: /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\bon[a-z]+="/) == nil)
  }
}

/// The description of the API and the API.
@Suite struct OpenAPITests {
  private static var described: Set<String> {
    Set(EmbeddedText.openapiYAML.matches(of: /(?m)^  (\/[^:]*):$/).map { String($0.1) })
  }

  @Test func describesEveryPathAndNoOther() async {
    #expect(Self.described == Set(API.paths))
  }

  @Test func describesEveryParameter() {
    let names = Set(EmbeddedText.openapiYAML.matches(of: /(?m)^        - name: (\w+)$/).map { String($0.1) })
    #expect(
      names
        == Set(ConnectionQuery.parameterNames + RecordingQuery.parameterNames + SilenceChange.parameterNames + ["span"])
    )
  }
}
