import Testing

@testable import CloseDiagnosis

@Suite struct ExplanationTests {
  /// Each has words of its own: a cause that was forgotten would have those of another.
  @Test func eachHasItsOwnWords() {
    let all = Explanation.all
    #expect(all.count == CloseCause.allCases.count + Finding.Identifier.allCases.count)
    #expect(Set(all.map(\.id)).count == all.count)
    #expect(Set(all.map(\.sentence)).count == all.count)
    #expect(all.allSatisfy { !$0.sign.isEmpty && !$0.advice.isEmpty })
    #expect(!all.contains { $0.advice.contains("tcp_tw_recycle") })
  }

  @Test(
    arguments: [
      ("no_pool", "no_pool"), ("no-pool", "no_pool"), ("NO_POOL", "no_pool"),
      ("keep_alive_mismatch", "keep-alive-mismatch"), ("nothing", nil), ("", nil),
    ] as [(String, String?)]
  )
  func isFound(id: String, expected: String?) {
    #expect(Explanation(id: id)?.id == expected)
  }

  @Test(arguments: CloseCause.allCases)
  func namesAreReadBack(cause: CloseCause) {
    #expect(CloseCause(name: cause.name) == cause)
  }
}
