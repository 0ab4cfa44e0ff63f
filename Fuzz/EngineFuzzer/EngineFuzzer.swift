import FuzzDriver

/// What packets, capture files and the kernel bring. Apart from the rest: for each input libFuzzer looks at the
/// counters of the whole program.
@main
enum EngineFuzzer {
  static func main() {
    FuzzDriver.run([
      "capture-file": CaptureFileTarget.run,
      "decoder": DecoderTarget.run,
      "filter": FilterTarget.run,
      "head": HeadTarget.run,
      "netlink": NetlinkTarget.run,
      "tracker": TrackerTarget.run,
    ])
  }
}
