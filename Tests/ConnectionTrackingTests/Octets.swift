/// As they stand in memory.
func octets<Value: BitwiseCopyable>(of value: Value) -> [UInt8] {
  unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
}
