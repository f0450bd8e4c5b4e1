// Policies: a policy value is a template with the arguments given so far; an instance is a record
// of its handlers and fields, with variables of its own.

extension VM {
  func policyIndex(_ policy: Value) -> Int { Int(heap.slots[policy.handle].extra) }

  /// The place in `Program.policies` of a policy value.
  public func policyTemplate(_ policy: Value) -> Int? {
    policy.tag == .policy ? policyIndex(policy) : nil
  }

  /// `receiver_first(.when_empty)`: the same policy with its arguments.
  func bindPolicy(
    _ policy: Value, _ window: UnsafeMutablePointer<Value>, _ count: Int, _ shape: Int
  ) throws(RuntimeError) -> Value {
    let index = policyIndex(policy)
    let target = Int(program.policies[index].body.rawValue)
    let parameterCount = functions[target].parameterCount
    let given = shape == 0 ? 0 : callShapes[shape].count
    guard count - given <= parameterCount else {
      throw wrongCount(program.policies[index].name, given: count, target)
    }
    let result = heap.makeValues(.policy, extra: UInt32(index), count: parameterCount)
    let values = heap.slots[result.handle].values
    for place in 0..<parameterCount { values[place] = .unset }
    for place in 0..<(count - given) { values[place] = window[place] }
    for place in 0..<given {
      let name = callShapes[shape].names[place]
      guard let parameter = program.functions[target].parameters.firstIndex(of: name) else {
        throw RuntimeError(
          FaultCode.wrongArguments,
          "policy `\(program.policies[index].name)` has no parameter `\(symbols.name(name))`")
      }
      values[parameter] = window[count - given + place]
    }
    for place in 0..<parameterCount { heap.share(values[place]) }
    return result
  }

  /// An instance of a policy value: fresh variables, handlers and fields. Ask `field` for them.
  public func instantiate(_ policy: Value) throws(RuntimeError) -> Value {
    guard policy.tag == .policy else {
      throw RuntimeError(FaultCode.wrongType, "\(kindPhrase(policy)) is no policy")
    }
    let template = program.policies[policyIndex(policy)]
    let target = Int(template.body.rawValue)
    let given = heap.slots[policy.handle].count
    var arguments = [Value](repeating: .unset, count: functions[target].parameterCount)
    for index in 0..<given { arguments[index] = heap.slots[policy.handle].values[index] }
    for index in 0..<functions[target].requiredCount where arguments[index].isUnset {
      let name = symbols.name(template.parameters[index].name)
      throw RuntimeError(
        FaultCode.wrongArguments, "policy `\(template.name)` needs `\(name)`")
    }
    return try call(
      closure(of: template.body), arguments: arguments, budget: limits.steps)
  }

  /// A handler or a field of an instance, or `nil`. Records answer too.
  public func field(_ instance: Value, _ name: Symbol) -> Value? {
    instance.tag == .record ? recordField(instance, name) : nil
  }
}
