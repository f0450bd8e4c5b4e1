// Calls whose first argument is a place and not a value: `rate(server.eth0.rx.frames, 10s)`.
//
// It goes in as a function, to be asked again and again. The embedder learns of each such call
// before anything runs, so that it can begin to take values down when time begins.

/// One call in the program's text.
public struct SampleSite: Sendable {
  public var native: Int
  /// What is asked again and again, and the second argument.
  public var function: FunctionID
  public var window: FunctionID
  /// They use no variable of a function around them: they may be asked before the call is made.
  public var standsAlone: Bool
  public var span: SourceSpan
}

extension Compiler {
  /// The named argument that carries the number of the call's place in `Program.samples`.
  static let siteArgument = "#site"

  func isSampled(_ name: String, _ arguments: [Argument]) -> Bool {
    samplers.contains(name) && arguments.count == 2
      && arguments.allSatisfy { $0.name == nil } && !arguments[0].value.isFunctionLiteral
  }

  func compileSampledCall(
    _ native: Int, _ arguments: [Argument], _ base: Int, at span: SourceSpan
  ) {
    let numbers = arguments.map { expressionFunction("expression", $0.value) }
    for (number, argument) in zip(numbers, arguments) {
      f.emit(.closure, f.allocate(), wide: number, at: argument.value.span)
    }
    load(.int(Int64(program.samples.count)), into: f.allocate(), at: span)
    program.samples.append(
      SampleSite(
        native: native, function: FunctionID(rawValue: UInt32(numbers[0])),
        window: FunctionID(rawValue: UInt32(numbers[1])),
        standsAlone: numbers.allSatisfy { program.functions[$0].captures.isEmpty }, span: span))
    let shape = shapeNumber(CallShape(names: [symbol(Compiler.siteArgument)]))
    f.emit(.callNative, base, 3, at: span)
    f.emit(UInt32(native) | UInt32(shape) << 16, span)
  }
}

extension Arguments {
  /// The place in `Program.samples` of a call that was compiled as one.
  public var sampleSite: Int? {
    namedCount == 1 && positionalCount == 2 ? namedValue(0).asInt.map { Int($0) } : nil
  }
}
