// The register bytecode: 32-bit words, one to three per instruction.
public enum ArithmeticOperation: UInt8, Sendable {
  case add, subtract, multiply, divide, modulo
}

public struct FunctionCode: Sendable {
  public var name: String = ""
}

struct CallShape: Sendable {
  var names: [Symbol] = []
}
