// `t: Time`, `let x: Data = …`, `fn f() -> Rate`: what an annotation promises is looked at when the
// value arrives. Where there is none nothing is emitted. `none` passes everywhere: "not given".

extension Compiler {
  /// Code that refuses a value of another type in this register. `what` is what the message calls
  /// it.
  func require(_ annotation: Name?, of what: String, in register: Int) {
    guard let annotation, let number = TypeNames.all.firstIndex(of: annotation.text) else { return }
    let window = f.allocate(4)
    f.emit(.move, window + 1, register, at: annotation.span)
    f.emit(.loadInt, window + 2, wide: number, at: annotation.span)
    loadConstant(constant(what), into: window + 3, at: annotation.span)
    f.emit(
      .callLibrary, window, Int(LibraryFunction.annotated.rawValue), 3, at: annotation.span)
    f.release(to: window)
  }
}

extension VM {
  /// Whether a value is what an annotation of this name promises.
  public func admits(_ annotation: String, _ value: Value) -> Bool {
    switch value.tag {
    case .none, .unset: return true
    default: break
    }
    let type = typeName(value)
    switch annotation {
    case "Int", "Count": return type == "Int"
    case "Real", "Ratio": return ["Int", "Real", "Ratio"].contains(type)
    default: return type == annotation
    }
  }

  /// The library's part of `require`: value, number of the type's name, what it is called.
  func requireAnnotation(_ window: UnsafeMutablePointer<Value>) throws(RuntimeError) {
    let annotation = TypeNames.all[Int(window[1].integer)]
    guard !admits(annotation, window[0]) else { return }
    let wanted = VM.withArticle(annotation)
    let found = "\(text(window[0])) is \(VM.withArticle(typeName(window[0])))"
    throw RuntimeError(
      FaultCode.wrongType, "\(heap.text(window[2])) is declared \(wanted), and \(found)",
      help: window[0].asInt.flatMap { number in
        VM.exampleUnit(annotation).map { "numbers need a unit here: `\(number)\($0)`" }
      })
  }

  /// A param without an annotation is of the dimension of its default.
  func requireType(
    of param: ParamTemplate, _ standard: Value, givenAt place: SourceSpan, _ source: String?
  ) throws(RuntimeError) {
    let value = global(param.global)
    let wanted: String
    if let annotation = param.annotation {
      guard !admits(annotation, value) else { return }
      wanted = annotation
    } else {
      guard differs(value, from: standard) else { return }
      wanted = typeName(standard)
    }
    let reason = param.annotation == nil ? " (its default is \(text(standard)))" : ""
    throw RuntimeError(
      "N210",
      (source.map { "`\($0)`: " } ?? "")
        + "`\(param.name)` is \(VM.withArticle(wanted))\(reason), and \(text(value)) is "
        + VM.withArticle(typeName(value)),
      at: place,
      help: value.asInt.flatMap { number in VM.exampleUnit(wanted).map { "`\(number)\($0)`" } })
  }

  /// Whether a value cannot stand where this default does: one that is a number or a Bool says
  /// what the param is. `none`, symbols, lists and functions may mean what they like.
  private func differs(_ value: Value, from standard: Value) -> Bool {
    if standard.asBool != nil { return !value.isNone && value.asBool == nil }
    guard let one = measure(standard) else { return false }
    if let other = measure(value) { return one != other }
    return value.asBool != nil || string(value) != nil
  }

  /// The dimension of a number; nil for everything else.
  private func measure(_ value: Value) -> Dimension? {
    value.asInt != nil || value.asReal != nil ? Dimension.none : value.dimension
  }

  public static func withArticle(_ type: String) -> String {
    (type == "Int" || type == "Error" ? "an " : "a ") + type
  }

  /// The dimension that an annotation asks for, where it is one.
  public static func dimension(of annotation: String) -> Dimension? {
    switch annotation {
    case "Time": .time
    case "Data": .data
    case "Rate": .rate
    case "Freq": .frequency
    default: nil
    }
  }

  /// A unit for a bare number that should have been a value of this type.
  static func exampleUnit(_ annotation: String) -> String? {
    switch dimension(of: annotation) {
    case .time: "s"
    case .data: "B"
    case .rate: "Mbps"
    case .frequency: "/s"
    default: nil
    }
  }
}
