internal import PacketDecoding

/// A conversation in place, as one of the two is heard in it.
///
/// Its parts stand apart in the table: to bring them together and back would cost more than what is done with them.
///
/// The pointers are private, and it does not outlive the call that lends it: that is what makes it safe.
@safe
struct Talk: ~Copyable {
  let slot: Slot
  /// Whose turn it is.
  let role: Role
  private let turnsPlace: UnsafeMutablePointer<Conversation.Turns>
  private let speakersPlace: UnsafeMutablePointer<Conversation.Speakers>
  private let closingPlace: UnsafeMutablePointer<FlowClosing>

  /// Lends a conversation to `body`.
  @inline(__always)
  static func lend<Result>(
    _ turns: inout Conversation.Turns,
    _ speakers: inout Conversation.Speakers,
    _ closing: inout FlowClosing,
    _ role: Role,
    at slot: Slot,
    _ body: (borrowing Talk) -> Result
  ) -> Result {
    unsafe withUnsafeMutablePointer(to: &turns) { turns in
      unsafe withUnsafeMutablePointer(to: &speakers) { speakers in
        unsafe withUnsafeMutablePointer(to: &closing) { closing in
          body(
            unsafe Talk(slot: slot, role: role, turnsPlace: turns, speakersPlace: speakers, closingPlace: closing)
          )
        }
      }
    }
  }

  var turns: Conversation.Turns {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(turnsPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe turnsPlace }
  }

  var speakers: Conversation.Speakers {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(speakersPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe speakersPlace }
  }

  var closing: FlowClosing {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(closingPlace) }
    @inline(__always) nonmutating unsafeMutableAddress { unsafe closingPlace }
  }

  /// Who is heard.
  var own: Speaker {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(Conversation.Speakers.place(of: role, in: speakersPlace)) }
    @inline(__always) nonmutating unsafeMutableAddress {
      unsafe Conversation.Speakers.place(of: role, in: speakersPlace)
    }
  }

  var peer: Speaker {
    @inline(__always) unsafeAddress {
      unsafe UnsafePointer(Conversation.Speakers.place(of: role.peer, in: speakersPlace))
    }
    @inline(__always) nonmutating unsafeMutableAddress {
      unsafe Conversation.Speakers.place(of: role.peer, in: speakersPlace)
    }
  }

  var client: Speaker {
    @inline(__always) unsafeAddress {
      unsafe UnsafePointer(Conversation.Speakers.place(of: .client, in: speakersPlace))
    }
    @inline(__always) nonmutating unsafeMutableAddress {
      unsafe Conversation.Speakers.place(of: .client, in: speakersPlace)
    }
  }

  var server: Speaker {
    @inline(__always) unsafeAddress {
      unsafe UnsafePointer(Conversation.Speakers.place(of: .server, in: speakersPlace))
    }
    @inline(__always) nonmutating unsafeMutableAddress {
      unsafe Conversation.Speakers.place(of: .server, in: speakersPlace)
    }
  }
}

extension Talk {
  var requests: UInt32 {
    @inline(__always) get { turns.requests }
    @inline(__always) nonmutating set { turns.requests = newValue }
  }

  var answers: UInt32 {
    @inline(__always) get { turns.answers }
    @inline(__always) nonmutating set { turns.answers = newValue }
  }

  var kind: Conversation.Kind {
    @inline(__always) get { turns.kind }
    @inline(__always) nonmutating set { turns.kind = newValue }
  }

  var facts: Conversation.Facts {
    @inline(__always) get { turns.facts }
    @inline(__always) nonmutating set { turns.facts = newValue }
  }

  var hasOutstandingRequest: Bool {
    @inline(__always) get { requests > answers }
  }

  /// Whether the speakers are in another state than at first, or may be: where only turns are told apart they never
  /// leave it.
  var needsSpeakers: Bool {
    @inline(__always) get { kind != .notCaptured }
  }
}
