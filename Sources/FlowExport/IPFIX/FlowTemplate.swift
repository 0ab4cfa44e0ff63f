internal import ConnectionTracking
internal import Monitoring

/// The form of a flow record.
struct FlowTemplate: Sendable {
  let id: UInt16
  let elements: [InformationElement]
  private let fields: [FlowField]

  /// - Parameter enterprise: of our own elements; nil to leave them out.
  init(isIPv4: Bool, ofBoth: Bool, enterprise: UInt32?) {
    id = 256 + (isIPv4 ? 0 : 1) + (ofBoth ? 0 : 2)
    var (fields, elements) = ([FlowField](), [InformationElement]())
    for field in FlowField.allCases where ofBoth || !field.isOfBoth {
      let own = enterprise.flatMap { field.ownElement?.element(of: $0) }
      guard let element = field.element(isIPv4: isIPv4) ?? own else { continue }
      fields.append(field)
      elements.append(element)
    }
    (self.fields, self.elements) = (fields, elements)
  }

  /// RFC 7011, 3.4.1.
  var record: OctetWriter {
    var out = OctetWriter()
    out.put(id)
    out.put(UInt16(elements.count))
    for element in elements { out.put(element) }
    return out
  }

  func record(of connection: ConnectionRecord, forward: Role) -> OctetWriter {
    var out = OctetWriter()
    for field in fields { field.write(connection, forward: forward, to: &out) }
    return out
  }
}

/// How collectors learn what our own elements are (RFC 5610).
enum TypeInformation {
  static let id: UInt16 = 260
  private static let scope: [InformationElement] = [.privateEnterpriseNumber, .informationElementId]
  private static let elements: [InformationElement] = [
    .informationElementDataType, .informationElementSemantics, .informationElementUnits,
    .informationElementRangeBegin, .informationElementRangeEnd, .informationElementName,
    .informationElementDescription,
  ]

  /// RFC 7011, 3.4.2.2.
  static var template: OctetWriter {
    var out = OctetWriter()
    out.put(id)
    out.put(UInt16(scope.count + elements.count))
    out.put(UInt16(scope.count))
    for element in scope + elements { out.put(element) }
    return out
  }

  static func record(of own: OwnElement, enterprise: UInt32) -> OctetWriter {
    var out = OctetWriter()
    out.put(enterprise)
    out.put(own.rawValue)
    out.put(own.type.rawValue)
    out.put(own.semantics)
    out.put(own.units)
    // No range.
    out.put(UInt64(0))
    out.put(UInt64(0))
    out.put(own.name)
    out.put(own.description)
    return out
  }
}

extension OctetWriter {
  /// RFC 7011, 3.2.
  fileprivate mutating func put(_ element: InformationElement) {
    put(element.enterprise == nil ? element.number : element.number | 0x8000)
    put(element.length)
    if let enterprise = element.enterprise { put(enterprise) }
  }
}
