import Foundation
import Glibc

/// Asks a daemon over its HTTP API: one request, one answer.
struct DaemonClient {
  let url: DaemonURL

  /// The body of a successful answer.
  func get(_ path: String, query: [(name: String, value: String)] = []) throws -> [UInt8] {
    let response = try response(to: path + Self.text(of: query))
    guard response.status == 200 else { throw refusal(response) }
    return response.body
  }

  /// The same, read as what it should be.
  func get<Document: Decodable>(
    _ type: Document.Type,
    from path: String,
    query: [(name: String, value: String)] = []
  ) throws -> (document: Document, body: [UInt8]) {
    let body = try get(path, query: query)
    return (try read(type, body), body)
  }

  /// A change: the daemon takes it over its Unix socket, and answers with what has become of it.
  func ask<Document: Decodable>(
    _ type: Document.Type,
    _ method: Method,
    _ path: String,
    query: [(name: String, value: String)]
  ) throws -> (document: Document, body: [UInt8]) {
    let response = try response(to: path + Self.text(of: query), method)
    guard response.status == 200 else { throw refusal(response) }
    return (try read(type, response.body), response.body)
  }

  enum Method: String {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  private func read<Document: Decodable>(_ type: Document.Type, _ body: [UInt8]) throws -> Document {
    do {
      return try JSONDecoder.ofTheAPI.decode(type, from: Data(body))
    } catch {
      throw Failure("what answers at \(url) is not this daemon, or of another version: \(Self.summary(of: error))")
    }
  }

  private func response(to target: String, _ method: Method = .get) throws -> HTTPResponse {
    let length = method == .post ? "Content-Length: 0\r\n" : ""
    let request =
      "\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(url.host)\r\nUser-Agent: tcpstated\r\nAccept: application/json\r\n"
      + length + "Connection: close\r\n\r\n"
    do {
      let connection = try Connection.open(url.place)
      try connection.send(Array(request.utf8))
      return try read(connection)
    } catch let fault as Connection.Fault {
      throw Failure("no daemon answers at \(url): \(fault.message)\(hint(fault))")
    } catch is HTTPResponse.Fault {
      throw Failure("what answers at \(url) does not speak HTTP as a daemon does")
    }
  }

  private func read(_ connection: borrowing Connection) throws -> HTTPResponse {
    var response = HTTPResponse()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while !response.isComplete {
      let bytes = try connection.receive(into: &buffer)
      guard !bytes.isEmpty || response.end() else { throw HTTPResponse.Fault.malformed }
      try response.receive(bytes)
    }
    return response
  }

  private func hint(_ fault: Connection.Fault) -> String {
    switch fault.code {
    case ECONNREFUSED, ENOENT: "; start it with `systemctl start tcpstated` or give --url"
    case EACCES: "; run as a user who may open the socket"
    default: ""
    }
  }

  /// What a problem document says (RFC 9457), or the status line.
  private func refusal(_ response: HTTPResponse) -> Failure {
    let problem = try? JSONDecoder.ofTheAPI.decode(Problem.self, from: Data(response.body))
    let words = [problem?.title ?? response.reason, problem?.detail].compactMap { $0 }.filter { !$0.isEmpty }
    return Failure("the daemon at \(url) answers \(response.status): " + words.joined(separator: ": "))
  }

  private struct Problem: Decodable {
    var title: String?
    var detail: String?
  }

  private static func text(of query: [(name: String, value: String)]) -> String {
    guard !query.isEmpty else { return "" }
    return "?" + query.map { "\($0.name)=\(escape($0.value))" }.joined(separator: "&")
  }

  /// Percent-encodes everything but the unreserved characters of RFC 3986.
  private static func escape(_ value: String) -> String {
    value.utf8.reduce(into: "") { escaped, byte in
      let scalar = Unicode.Scalar(byte)
      if byte < 0x80,
        scalar.properties.isAlphabetic || (0x30...0x39).contains(byte) || "-._~".unicodeScalars.contains(scalar)
      {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }

  private static func summary(of error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is lacking"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another type"
    default: "no JSON"
    }
  }
}

extension JSONDecoder {
  static var ofTheAPI: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
