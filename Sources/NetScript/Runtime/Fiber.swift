// A stackful coroutine: its own registers and frames, both of which grow.
//
// A suspended fiber costs nothing but its memory; resuming writes one register and re-enters the
// dispatch loop.

/// What a caller needs back when its callee returns.
struct Frame {
  var code: UnsafePointer<UInt32>
  var base: Int32
  var function: Int32
  var closure: Int
}

public final class Fiber {
  enum State: UInt8 {
    case ready, running, suspended, finished
  }

  var registers: UnsafeMutablePointer<Value>
  private(set) var registerCapacity: Int
  var frames: UnsafeMutablePointer<Frame>
  private(set) var frameCapacity: Int
  var depth = 0
  // Where it stands while it does not run, and at each point where others may look at it.
  var base = 1
  var function = 0
  var closure = 0
  var code: UnsafePointer<UInt32>?
  var resumeRegister = 0
  var state = State.ready
  /// False inside `VM.call`: a call that would wait is an error there.
  var canSuspend = true
  var result = Value.none
  /// Its place in the VM's list, or -1.
  var place = -1

  static let firstRegisters = 32
  static let firstFrames = 4

  init() {
    registerCapacity = Fiber.firstRegisters
    registers = .allocate(capacity: registerCapacity)
    registers.initialize(repeating: .none, count: registerCapacity)
    frameCapacity = Fiber.firstFrames
    frames = .allocate(capacity: frameCapacity)
  }

  deinit {
    registers.deallocate()
    frames.deallocate()
  }

  func growRegisters(to count: Int) {
    var capacity = registerCapacity
    while capacity < count { capacity *= 2 }
    let larger = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    larger.update(from: registers, count: registerCapacity)
    larger.advanced(by: registerCapacity).initialize(
      repeating: .none, count: capacity - registerCapacity)
    registers.deallocate()
    registers = larger
    registerCapacity = capacity
  }

  func growFrames() {
    let larger = UnsafeMutablePointer<Frame>.allocate(capacity: frameCapacity * 2)
    larger.moveInitialize(from: frames, count: frameCapacity)
    frames.deallocate()
    frames = larger
    frameCapacity *= 2
  }
}
