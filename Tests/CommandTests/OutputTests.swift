import ArgumentParser
import Foundation
import Testing

@testable import tcpstated

/// Lists of the API as rows for other programs.
@Suite struct OutputTests {
  private static func rows(_ json: String) throws -> [JSONPart] {
    guard case .array(let rows) = try JSONPart(Array(json.utf8)).kind else { return [] }
    return rows
  }

  private static func csv(_ json: String, _ columns: [String] = []) throws -> String {
    String(decoding: RowText.csv(try rows(json), columns: columns), as: UTF8.self)
  }

  @Test(
    arguments: [
      (#"[]"#, ""), (#"[{"a": 1, "b": "x"}, {"b": "y", "a": 2}]"#, "a,b\n1,x\n2,y\n"),
      (#"[{"a": {"b": 1, "c": {"d": 0.50}}}]"#, "a.b,a.c.d\n1,0.50\n"),
      (#"[{"o": null}, {"o": {"u": "n"}}]"#, "o.u\n\"\"\nn\n".replacing("\"\"", with: "")),
      (#"[{"p": [1, 2, "x"]}, {"p": []}]"#, "p\n1 2 x\n\n"),
      (#"[{"t": "a,b"}, {"t": "say \"hi\""}]"#, "t\n\"a,b\"\n\"say \"\"hi\"\"\"\n"),
      (#"[{"n": -5, "e": true}]"#, "n,e\n-5,true\n"),
    ] as [(String, String)]
  )
  func writesCSV(_ json: String, _ text: String) throws {
    #expect(try Self.csv(json) == text)
  }

  @Test(
    "Columns are those of the list, first, with or without rows",
    arguments: [
      (#"[]"#, "a,b.c,e\n"), (#"[{"e": {}, "a": null, "b": {"c": 1}}]"#, "a,b.c,e\n,1,{}\n"),
      (#"[{"a": 1, "b": null, "e": {"x": 1, "y": "z"}}]"#, "a,b.c,e\n1,,\"{\"\"x\"\": 1, \"\"y\"\": \"\"z\"\"}\"\n"),
      (#"[{"d": {"f": 2}, "a": 1, "e": null}]"#, "a,b.c,e,d.f\n1,,,2\n"),
    ] as [(String, String)]
  )
  func columns(_ json: String, _ text: String) throws {
    #expect(try Self.csv(json, ["a", "b.c", "e"]) == text)
  }

  @Test(arguments: [
    RowList.connections, .services, .peers, .destinations, .alerts, .findings, .silences, .samples, .pastServices,
    .pastPorts, .pastDestinations, .pastCauses, .pastFindings,
  ])
  func noColumnIsTwice(_ list: RowList) {
    #expect(Set(list.columns).count == list.columns.count)
  }

  @Test(
    arguments: [
      (#"=HYPERLINK(\"http://x\")"#, #""'=HYPERLINK(""http://x"")""#), ("+1", "'+1"), ("-2+3", "'-2+3"),
      ("@SUM(A1)", "'@SUM(A1)"),
      (#"\u001b[2J"#, #"\u{1b}[2J"#), (#"a\nb"#, #"a\u{a}b"#), (#"\t=1"#, #"\u{9}=1"#),
      (#"\u202egpj"#, #"\u{202e}gpj"#),
      ("<script>", "<script>"),
    ] as [(String, String)]
  )
  func aTextIsNeverAFormulaOrASecondLine(_ name: String, _ field: String) throws {
    #expect(try Self.csv("[{\"unit\": \"\(name)\"}]") == "unit\n\(field)\n")
  }

  @Test func linesAreAsTheyCame() throws {
    let rows = try Self.rows(#"[ {"a": 1.10,"b":[1, {"c":"}\""}]} , {"z":null}]"#)
    #expect(
      String(decoding: RowText.lines(rows), as: UTF8.self)
        == "{\"a\": 1.10,\"b\":[1, {\"c\":\"}\\\"\"}]}\n{\"z\":null}\n"
    )
  }

  @Test(arguments: [
    "", "[", "{\"a\"}", "[1,]", "\"x", "[1] 2", "{\"a\":1,}", "\"\\", String(repeating: "[", count: 100),
  ])
  func refusesWhatIsNoJSON(_ text: String) {
    #expect(throws: JSONPart.Malformed.self) { try JSONPart(Array(text.utf8)) }
  }

  @Test(arguments: [
    ["status", "--format", "xml"], ["status", "--watch", "0.1"], ["services", "--watch", "x"],
    ["top", "--interval", "0"],
  ])
  func refusesWrongUsage(_ arguments: [String]) {
    #expect(throws: (any Error).self) { try TCPStated.parseAsRoot(arguments) }
  }
}
