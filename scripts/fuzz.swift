// libFuzzer's way into FrameTarget. Compiled by scripts/fuzz, no part of the package.

/// A host like this one is made once and copied for each case: a copy is a copy of its memory.
nonisolated(unsafe) private let fresh = FrameTarget()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ octets: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var target = fresh
  let steps = Array(UnsafeBufferPointer(start: octets, count: count))
  if let complaint = target.run(steps) { fatalError(complaint) }
  return 0
}
