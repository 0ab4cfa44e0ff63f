import PacketDecoding
import Testing

@testable import Settings

@Suite("Where alerts are sent")
struct DeliveryTests {
  @Test(arguments: [
    ("http://a", "http://a:80", "/"), ("https://a", "https://a:443", "/"),
    ("HTTPS://a:8/x/y?z=1", "https://a:8", "/x/y?z=1"),
    ("http://a?b", "http://a:80", "/?b"), ("http://10.0.0.1:9093/", "http://10.0.0.1:9093", "/"),
    ("http://[fd00::1]:9093/x", "http://[fd00::1]:9093", "/x"), ("http://[fd00::1]", "http://[fd00::1]:80", "/"),
  ])
  func addresses(_ text: String, _ origin: String, _ path: String) throws {
    let address = try #require(WebAddress(text))
    #expect(address.origin == origin)
    #expect(address.path == path)
  }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http:///x", "http://user@a", "http://user:pass@a/", "http://a:", "http://a:0",
    "http://a:65536", "http://a:+1", "http://a b", "http://a/\u{e9}", "http://a/#b", "http://[fd00::1",
    "http://[10.0.0.1]",
    "http://fd00::1]", "http://a/\r\nX: y",
  ])
  func noAddresses(_ text: String) {
    #expect(WebAddress(text) == nil)
  }

  @Test func aWholeSection() throws {
    let text = """
      deliver:
        external_url: https://web-1/tcp/
        alertmanager: {urls: ['http://a:9093', 'https://b/am'], interval: 30s, headers_file: /h, ca_file: /c}
        webhooks:
          - {name: pager, url: 'https://p/x', hmac_key_file: credential:key}
          - {name: chat, url_file: /u, headers_file: credential:h, ca_file: /c}
      """
    let delivery = try Settings.parse(text, file: "f").delivery
    #expect(delivery.externalURL == "https://web-1/tcp/")
    #expect(delivery.alertmanager.addresses.map(\.origin) == ["http://a:9093", "https://b:443"])
    #expect(delivery.alertmanager.interval == Seconds(30))
    #expect(delivery.alertmanager.headersFile == .file("/h"))
    #expect(delivery.webhooks.map(\.name) == ["pager", "chat"])
    #expect(delivery.webhooks[0].keyFile == .credential("key"))
    #expect(delivery.webhooks[1].target == .file(.file("/u")))
    #expect(
      delivery.sentences == [
        "sends alerts to Alertmanager at http://a:9093", "sends alerts to Alertmanager at https://b:443",
        "sends alerts to webhook pager at https://p:443, signed with the key in credential:key",
        "sends alerts to webhook chat at the address in /u, not signed",
      ]
    )
  }

  private static let address =
    "needs a URL such as https://alerts.example:9093/path, without a user (secrets belong in url_file and headers_file)"
  private static let secret =
    "needs the absolute path of a file, or credential:NAME (LoadCredential= in the unit)"

  @Test(arguments: [
    BadDocument(
      "deliver: {urls: []}",
      #"f:1:11: unknown key "urls" in deliver: there is external_url, alertmanager, webhooks"#
    ),
    BadDocument("deliver: {alertmanager: {urls: [a]}}", "f:1:33: deliver.alertmanager.urls: \(address)"),
    BadDocument(
      "deliver: {alertmanager: {interval: 0}}",
      "f:1:36: deliver.alertmanager.interval: 0 s is out of range: 1 s to 1 h"
    ),
    BadDocument("deliver: {webhooks: [{url: 'http://a'}]}", "f:1:22: deliver.webhooks: a webhook needs a name"),
    BadDocument("deliver: {webhooks: [{name: a}]}", "f:1:22: deliver.webhooks: a webhook needs either url or url_file"),
    BadDocument(
      "deliver: {webhooks: [{name: a, url: 'http://a', url_file: /b}]}",
      "f:1:22: deliver.webhooks: a webhook needs either url or url_file"
    ),
    BadDocument(
      "deliver: {webhooks: [{name: a, url: 'http://a'}, {name: a, url: 'http://a'}]}",
      #"f:1:57: deliver.webhooks.name: there is a webhook "a" already"#
    ),
    BadDocument("deliver: {webhooks: [{name: a, url: 'http://u:pass@a'}]}", "f:1:37: deliver.webhooks.url: \(address)"),
    BadDocument(
      "deliver: {webhooks: [{name: a, url: 'http://a', hmac_key_file: s3cret}]}",
      "f:1:64: deliver.webhooks.hmac_key_file: \(secret)"
    ),
    BadDocument(
      "deliver: {webhooks: [{name: a, url: 'http://a', headers_file: 'credential:../x'}]}",
      "f:1:63: deliver.webhooks.headers_file: \(secret)"
    ),
  ])
  func mistakes(_ document: BadDocument) {
    #expect(errors(in: document.text) == document.errors)
  }
}
