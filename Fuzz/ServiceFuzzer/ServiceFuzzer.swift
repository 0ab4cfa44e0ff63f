import FuzzDriver

/// What operators and clients of the API write.
@main
enum ServiceFuzzer {
  static func main() {
    FuzzDriver.run([
      "configuration": ConfigurationTarget.run,
      "request": RequestTarget.run,
      "server": ServerTarget.run,
    ])
  }
}
