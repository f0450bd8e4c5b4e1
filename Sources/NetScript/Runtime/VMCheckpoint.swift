// The machine's part of a checkpoint: heap, globals, and each fiber with its registers and frames.
//
// Goes back into the machine that it came from. Symbols and shapes learnt since stay known: what
// runs again finds them by name and gets the same ones.

/// The state of a machine while none of its fibers runs.
public final class VMCheckpoint {
  fileprivate let heap: HeapImage
  fileprivate let globals: [Value]
  fileprivate let staticClosures: [Value]
  fileprivate let stepsLeft: Int
  fileprivate let fibers: [FiberImage]
  /// Texts among them lie in the heap, and elsewhere after each going back beyond their line.
  fileprivate let constants: [Value]

  fileprivate init(_ vm: VM) {
    vm.markRoots()
    heap = HeapImage(marked: vm.heap)
    globals = Array(
      UnsafeBufferPointer(start: vm.globals, count: vm.program.globalNames.count))
    staticClosures = vm.staticClosures
    stepsLeft = vm.stepsLeft
    fibers = vm.state.pointee.fibers.map(FiberImage.init)
    constants = Array(
      UnsafeBufferPointer(start: vm.constants, count: vm.program.constants.count))
  }
}

extension VM {
  /// Everything a script could notice. Only between calls: no fiber runs.
  public func checkpoint() -> VMCheckpoint {
    precondition(state.pointee.nesting == 0, "a checkpoint inside a call")
    return VMCheckpoint(self)
  }

  /// Goes back. Fibers that were spawned since are over; those that were there stand where they
  /// stood, also if they have ended since. Lines that were added since stay compiled: their
  /// variables have no values, and their texts are made anew.
  public func restore(_ checkpoint: VMCheckpoint) {
    precondition(state.pointee.nesting == 0, "restored inside a call")
    let known = checkpoint.globals.count
    precondition(known <= program.globalNames.count, "a checkpoint of another program")
    checkpoint.heap.restore(heap)
    for (index, value) in checkpoint.globals.enumerated() { globals[index] = value }
    for index in known..<program.globalNames.count { globals[index] = .unset }
    staticClosures = checkpoint.staticClosures
    while staticClosures.count < program.functions.count { staticClosures.append(.unset) }
    for (index, value) in checkpoint.constants.enumerated() { constants[index] = value }
    loadConstants(from: checkpoint.constants.count)
    stepsLeft = checkpoint.stepsLeft
    for fiber in state.pointee.fibers {
      fiber.state = .finished
      fiber.place = -1
    }
    state.pointee.fibers = checkpoint.fibers.map { $0.restored() }
  }
}

/// A fiber that does not run.
private struct FiberImage {
  let fiber: Fiber
  let registers: [Value]
  let frames: [Frame]
  let base: Int
  let function: Int
  let closure: Int
  let code: UnsafePointer<UInt32>?
  let resumeRegister: Int
  let state: Fiber.State
  let canSuspend: Bool
  let result: Value
  let place: Int

  init(_ fiber: Fiber) {
    precondition(fiber.state != .running, "a checkpoint of a fiber that runs")
    self.fiber = fiber
    registers = Array(UnsafeBufferPointer(start: fiber.registers, count: fiber.registerCapacity))
    frames = Array(UnsafeBufferPointer(start: fiber.frames, count: fiber.depth))
    base = fiber.base
    function = fiber.function
    closure = fiber.closure
    code = fiber.code
    resumeRegister = fiber.resumeRegister
    state = fiber.state
    canSuspend = fiber.canSuspend
    result = fiber.result
    place = fiber.place
  }

  func restored() -> Fiber {
    // Both only ever grow.
    for (index, value) in registers.enumerated() { fiber.registers[index] = value }
    for (index, frame) in frames.enumerated() {
      fiber.frames.advanced(by: index).initialize(to: frame)
    }
    fiber.depth = frames.count
    fiber.base = base
    fiber.function = function
    fiber.closure = closure
    fiber.code = code
    fiber.resumeRegister = resumeRegister
    fiber.state = state
    fiber.canSuspend = canSuspend
    fiber.result = result
    fiber.place = place
    return fiber
  }
}
