internal import Glibc

/// Hands what libFuzzer makes up to one part of the program: `FUZZ_TARGET=decoder EngineFuzzer [options and corpora of
/// libFuzzer]`. Not by an argument: libFuzzer runs the program again with those it knows.
///
/// A target lets nothing but a trap, a sanitizer's finding or a broken promise end it.
package enum FuzzDriver {
  package typealias Target = @Sendable (RawSpan) -> Void

  /// Set once, before the one thread of libFuzzer starts to call.
  nonisolated(unsafe) fileprivate static var target: Target = { _ in }

  package static func run(_ targets: [String: Target]) {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let chosen = targets[name] else {
      promise(false, "FUZZ_TARGET is one of \(targets.keys.sorted().joined(separator: ", "))")
      return
    }
    unsafe target = chosen
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
    exit(unsafe runDriver(&count, &arguments, fuzzOne))
  }
}

private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ callback: Callback
) -> Int32

private func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  unsafe FuzzDriver.target(UnsafeRawBufferPointer(start: data, count: count).bytes)
  return 0
}

/// What must hold whatever the input.
package func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
  guard !holds else { return }
  print("broken: \(what())")
  fflush(nil)
  abort()
}
