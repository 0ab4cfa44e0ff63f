import Testing

@testable import Monitoring

/// Each share finds its own frames, and no others.
@Suite
struct FrameOwnersTests {
  @Test(arguments: [0, 1, 63, 64, 65, 200])
  func `frames of a share are named in order`(count: Int) {
    var owners = FrameOwners()
    owners.makeRoom(for: count)
    owners.withMutable { owners in
      for number in 0..<count { owners[number] = Self.owner(of: number) }
    }
    for share in [0, 1, 2, 62, 63] {
      var found: [Int] = []
      owners.forEach(of: share, before: count) { found.append($0) }
      #expect(found == (0..<count).filter { Self.share(of: $0) == share })
    }
    for number in 0..<count { #expect(owners[number].hasSegment == Self.hasSegment(number)) }
  }

  @Test
  func `what stood there before is nobody's`() {
    var owners = FrameOwners()
    owners.makeRoom(for: 100)
    owners.withMutable { owners in
      for number in 0..<100 { owners[number] = FrameOwner(ofSegment: 3) }
    }
    var found: [Int] = []
    owners.forEach(of: 3, before: 70) { found.append($0) }
    #expect(found == Array(0..<70))
  }

  private static func share(of number: Int) -> Int? {
    switch number % 7 {
    case 0: nil
    case 1, 2: 63
    case 3: 1
    case 4: 62
    default: 0
    }
  }

  private static func hasSegment(_ number: Int) -> Bool { share(of: number) != nil && number % 7 != 2 && number % 7 != 6 }

  private static func owner(of number: Int) -> FrameOwner {
    guard let share = share(of: number) else { return .nobody }
    return hasSegment(number) ? FrameOwner(ofSegment: share) : FrameOwner(ofICMPError: share)
  }
}
