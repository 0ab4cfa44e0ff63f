import Monitoring

/// What the keys have made of the screen. Pure: keys and answers in, lines out.
struct TopModel {
  /// One screen, as it is left when another is opened on top of it.
  struct Place {
    var screen: TopScreen
    /// Nil: as the daemon has them, those with most TIME_WAIT or the newest first.
    var sort: Int?
    var isReversed = false
    var selected = 0
    var firstRow = 0
    /// Words that rows must have; connections are chosen by the daemon's filter instead.
    var words = ""

    init(_ screen: TopScreen) {
      self.screen = screen
    }
  }

  private(set) var places = [Place(.services)]
  private(set) var isFrozen = false
  /// The words being typed; nil when keys are commands.
  private(set) var typed: String?
  /// What was wrong with them.
  private(set) var complaint: String?
  private(set) var wantsEnd = false
  var data = TopData()
  /// Rows that fit, as drawn last.
  var pageSize = 10

  var place: Place {
    get { places[places.count - 1] }
    set { places[places.count - 1] = newValue }
  }

  var table: TopTable? {
    guard let table = TopTable(place.screen, data) else { return nil }
    let found = table.matching(place.words)
    return place.sort.map { found.sorted(by: $0, isReversed: place.isReversed) } ?? found
  }

  mutating func take(_ data: TopData) {
    if isFrozen {
      // What was just opened must still be seen.
      if case .connections(let filter) = place.screen, self.data.filter != filter { self.data = data }
      return
    }
    self.data = data
  }

  mutating func handle(_ key: TopKey) {
    complaint = nil
    if key == .interrupt {
      wantsEnd = true
    } else if typed != nil {
      type(key)
    } else {
      command(key)
    }
  }

  // MARK: Keys as text

  private mutating func type(_ key: TopKey) {
    switch key {
    case .character(let character): typed?.append(character)
    case .backspace: if typed?.popLast() == nil { typed = nil }
    case .escape: typed = nil
    case .enter:
      let words = typed ?? ""
      typed = nil
      apply(words)
    default: break
    }
  }

  private mutating func apply(_ words: String) {
    guard case .connections = place.screen else {
      place.words = words
      (place.selected, place.firstRow) = (0, 0)
      return
    }
    do {
      _ = try ConnectionFilter(parsing: words)
      place = Place(.connections(filter: words))
    } catch {
      complaint = "\(error)"
    }
  }

  // MARK: Keys as commands

  private mutating func command(_ key: TopKey) {
    switch key {
    case .up: select(place.selected - 1)
    case .down: select(place.selected + 1)
    case .pageUp: select(place.selected - pageSize)
    case .pageDown: select(place.selected + pageSize)
    case .home: select(0)
    case .end: select(.max)
    case .left: sort(by: -1)
    case .right: sort(by: 1)
    case .enter: open()
    case .escape, .backspace: back()
    case .interrupt: wantsEnd = true
    case .character(let character): command(character)
    }
  }

  private mutating func command(_ character: Character) {
    switch character {
    case "q": wantsEnd = true
    case "s": places = [Place(.services)]
    case "o": places = [Place(.owners)]
    case "p": places = [Place(.peers)]
    case "d": places = [Place(.destinations)]
    case "c": places = [Place(.connections(filter: ""))]
    case "k": select(place.selected - 1)
    case "j": select(place.selected + 1)
    case "<": sort(by: -1)
    case ">": sort(by: 1)
    case "r": place.isReversed.toggle()
    case "f", " ": isFrozen.toggle()
    case "/": startTyping()
    case "?", "h": if place.screen == .help { back() } else { places.append(Place(.help)) }
    default: break
    }
  }

  private mutating func startTyping() {
    switch place.screen {
    case .connections(let filter): typed = filter
    case .services, .owners, .peers, .destinations: typed = place.words
    case .connection, .help: break
    }
  }

  private mutating func select(_ row: Int) {
    place.selected = max(0, min(row, (table?.rows.count ?? 1) - 1))
  }

  private mutating func sort(by step: Int) {
    guard let count = table?.columns.count else { return }
    place.sort = ((place.sort ?? (step > 0 ? -1 : 0)) + step + count) % count
    place.isReversed = false
  }

  private mutating func open() {
    guard let table, table.rows.indices.contains(place.selected), let next = table.rows[place.selected].leadsTo else {
      return
    }
    places.append(Place(next))
  }

  private mutating func back() {
    if places.count > 1 {
      places.removeLast()
    } else if !place.words.isEmpty {
      place.words = ""
    }
  }
}
