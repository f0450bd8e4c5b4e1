// Stand-ins, replaced as the folders fill.

import NetScript
import NetSim
import NetStack

extension Bench {
  func declare() {}
  func elaborate() {}
  func carryOn() {}
  func beginRun(_ site: StatementSite, _ operands: Arguments) throws(RuntimeError) -> Outcome {
    .suspend
  }
  func callTask(
    _ function: NativeFunction, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome { .suspend }
  func draw(_ arguments: Arguments) throws(RuntimeError) -> Value { .none }
  func makeFrame(_ arguments: Arguments) throws(RuntimeError) -> Value { .none }
  public func root(_ name: Symbol, at span: SourceSpan) throws(RuntimeError) -> Value { .none }
  public func member(
    of node: Value, _ name: Symbol, at span: SourceSpan
  ) throws(RuntimeError) -> Value { .none }
  public func setMember(
    of node: Value, _ name: Symbol, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {}
  public func element(
    of node: Value, _ index: Value, at span: SourceSpan
  ) throws(RuntimeError) -> Value { .none }
  public func setElement(
    of node: Value, _ index: Value, to value: Value, _ operation: PathOperation,
    at span: SourceSpan
  ) throws(RuntimeError) {}
  public func selectAll(of node: Value, at span: SourceSpan) throws(RuntimeError) -> Value { .none }
  public func call(
    _ node: Value, _ name: Symbol, _ arguments: Arguments
  ) throws(RuntimeError) -> Outcome { .suspend }
  public func declare(
    _ site: DeclarationSite, parent: Value, index: Value, preset: Value
  ) throws(RuntimeError) -> Value { .none }
  public func endDeclaration(_ site: DeclarationSite, node: Value) throws(RuntimeError) {}
  public func bind(
    _ node: Value, _ name: Symbol, _ value: Value, isMutable: Bool
  ) throws(RuntimeError) {}
  public func describe(_ node: Value) -> String { "" }
}
