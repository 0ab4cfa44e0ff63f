import Alerting
import Monitoring
import PacketDecoding
import Testing

@testable import Settings

@Suite("What leaves the host, in a configuration") struct ExportTests {
  @Test func everything() throws {
    let text = """
      export:
        json:
          - {file: /var/log/c.jsonl, max_size: 1MiB, keep: 2, filter: conn-state SF, queue: 10}
          - {socket: /run/vector.sock, type: datagram}
          - stdout: true
        ipfix:
          - {collector: "192.0.2.1:4739"}
          - collector: "[2001:db8::1]:4739"
            transport: tcp
            flows: uniflow
            enterprise_number: 32473
            observation_domain: 4294967295
            message_size: 9000
            template_interval: 10s
        remote_write:
          - {url: "https://[2001:db8::1]/w?a=b", interval: 1m, labels: {zone: a}, username: me, password_file: /p}
          - {url: http://metrics:8428/api/v1/write, bearer_token_file: /t, ca_file: /c, timeout: 5s, queue: 3}
      """
    let export = try Settings.parse(text, file: "f").export
    var file = Settings.Lines(.file("/var/log/c.jsonl", maximumSize: 1 << 20, kept: 2))
    (file.filter, file.queue) = (try ConnectionFilter(parsing: "conn-state SF"), 10)
    let socket = Settings.Lines(.socket("/run/vector.sock", isDatagram: true))
    #expect(export.lines == [file, socket, Settings.Lines(.standardOutput)])
    let place = try #require(AddressParsing.endpoint("[2001:db8::1]:4739"))
    var tcp = Settings.Collector(place)
    (tcp.transport, tcp.flows, tcp.enterpriseNumber, tcp.observationDomain) = (.tcp, .uniflow, 32_473, .max)
    (tcp.messageSize, tcp.templateInterval) = (9000, Seconds(10))
    #expect(export.collectors.count == 2 && export.collectors[1] == tcp)
    #expect(export.collectors[0].enterpriseNumber == nil && export.collectors[0].messageSize == 1400)
    let first = export.remoteWrites[0]
    #expect(
      first.url.isSecure && first.url.host == "2001:db8::1" && first.url.port == 443 && first.url.path == "/w?a=b"
    )
    #expect(first.labels == [Label(name: "zone", value: "a")] && first.interval == Seconds(60))
    let second = export.remoteWrites[1]
    #expect(!second.url.isSecure && second.url.host == "metrics" && second.url.port == 8428)
    #expect(second.bearerTokenFile == .file("/t") && second.certificates == "/c" && second.queue == 3)
  }

  @Test(arguments: [
    BadDocument("export: {json: [{}]}", "f:1:17: export.json: needs one of file, stdout and socket, not 0"),
    BadDocument(
      "export: {json: [{file: /a, stdout: true}]}",
      "f:1:17: export.json: needs one of file, stdout and socket, not 2"
    ),
    BadDocument("export: {json: [{file: a}]}", #"f:1:24: export.json.file: needs an absolute path, not "a""#),
    BadDocument(
      "export: {json: [{stdout: true, keep: 3}]}",
      "f:1:38: export.json.keep: goes with file, not with stdout"
    ),
    BadDocument("export: {json: [{stdout: false}]}", "f:1:26: export.json.stdout: is true, or not there"),
    BadDocument(
      "export: {json: [{file: /a}, {file: /b}, {file: /a, filter: conn-state SF}, {stdout: true}, {stdout: true}]}",
      "f:1:41: export.json: /a is given twice",
      "f:1:92: export.json: stdout is given twice"
    ),
    BadDocument(
      "export: {json: [{stdout: true, filter: 'port'}]}",
      "f:1:40: export.json.filter: filter, character 5: expected a port (0 to 65535) such as :8081, but it ends here"
    ),
    BadDocument(
      "export: {ipfix: [{transport: udp}]}",
      "f:1:18: export.ipfix: needs a collector: an address and a port such as 192.0.2.1:4739"
    ),
    BadDocument(
      "export: {ipfix: [{collector: '192.0.2.1:1', enterprise_number: 29305}]}",
      "f:1:64: export.ipfix.enterprise_number: 29305 belongs to somebody else; IANA gives your organization a number of "
        + "its own"
    ),
    BadDocument(
      "export: {ipfix: [{collector: '192.0.2.1:1', message_size: 100}]}",
      "f:1:59: export.ipfix.message_size: 100 is out of range: 576 to 65507"
    ),
    BadDocument(
      "export: {remote_write: [{url: 'ftp://a/'}]}",
      #"f:1:31: export.remote_write.url: needs an http or https URL without a user, not "ftp://a/""#
    ),
    BadDocument(
      "export: {remote_write: [{url: 'http://a/', username: me}]}",
      "f:1:25: export.remote_write: username and password_file go together"
    ),
    BadDocument(
      "export: {remote_write: [{url: 'http://a/', labels: {le: x}}]}",
      #"f:1:52: export.remote_write.labels: "le" is a label that series have already"#
    ),
    BadDocument(
      "export: {remote_write: [{url: 'http://a/', labels: {tier: x, outcome: x, segment: x, target: x, output: x, "
        + "closed_first: x, __name__: x, __x: x, _x: x, job: x}}]}",
      #"f:1:52: export.remote_write.labels: "tier" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "outcome" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "segment" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "target" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "output" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "closed_first" is a label that series have already"#,
      #"f:1:52: export.remote_write.labels: "__name__" begins with __, which is reserved"#,
      #"f:1:52: export.remote_write.labels: "__x" begins with __, which is reserved"#
    ),
    BadDocument("export: {jsonl: []}", #"f:1:10: unknown key "jsonl" in export: did you mean "json"?"#),
  ])
  func mistakes(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }

  @Test(arguments: [
    "http://", "http://a:0/", "http://a:99999/", "http://me:secret@a/", "http://a/#b", "http://a b/", "http://[::1",
    "http://[1.2.3.4]/", "//a/", "",
  ])
  func noURLs(_ text: String) {
    #expect(WebAddress(text) == nil)
  }

  @Test("A change waits for a restart") func restart() throws {
    var new = Settings()
    new.export.lines = [Settings.Lines(.standardOutput)]
    #expect(Settings().keysForRestart(in: new) == ["export"])
  }
}
