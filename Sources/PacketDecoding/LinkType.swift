/// A link-layer header type, by its LINKTYPE_ number (the one of files; libpcap's DLT_ differs for raw IP).
package struct LinkType: Hashable, Sendable, BitwiseCopyable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  package static let null = LinkType(rawValue: 0)
  package static let ethernet = LinkType(rawValue: 1)
  package static let ppp = LinkType(rawValue: 9)
  package static let pppHDLC = LinkType(rawValue: 50)
  package static let raw = LinkType(rawValue: 101)
  package static let ciscoHDLC = LinkType(rawValue: 104)
  package static let loop = LinkType(rawValue: 108)
  package static let linuxCooked = LinkType(rawValue: 113)
  package static let ipv4 = LinkType(rawValue: 228)
  package static let ipv6 = LinkType(rawValue: 229)
  package static let linuxCooked2 = LinkType(rawValue: 276)

  /// DLT_RAW as libpcap numbers it on most systems and on OpenBSD. No file should hold these; some do.
  static let rawByDLT = LinkType(rawValue: 12)
  static let rawByOpenBSDsDLT = LinkType(rawValue: 14)
}
