// Phase 1: params get their values, files run, the case's statements run up to its first `run`.
//
// A param's value is its default, then what the variant says, then the sweep, then `--set`.

import NetScript
import NetSim

extension Bench {
  func declare() {
    precondition(phase == .declare, "declared twice")
    do throws(RuntimeError) {
      try declareFiles()
      main = try vm.spawn(vm.closure(of: plan.body))
      try resumeMain()
    } catch {
      end(with: error)
    }
  }

  /// Params get their values and the files run: all that a sweep's values may mention.
  func declareFiles() throws(RuntimeError) {
    for index in program.modules.indices { try declareModule(index) }
    for param in plan.caseParams { try setParam(param) }
  }

  /// A plain script's own statements are its case: they run as a fiber later.
  private func declareModule(_ index: Int) throws(RuntimeError) {
    for param in program.modules[index].params { try setParam(param) }
    if program.modules[index].isRoot && plan.caseIndex == nil { return }
    try vm.runModule(index)
  }

  private func setParam(_ param: ParamTemplate) throws(RuntimeError) {
    var place: SourceSpan? = nil
    var source: String? = nil
    for variant in plan.variantChain {
      for override in variant.overrides where override.global == param.global {
        try apply(override, to: param)
        place = override.span
      }
    }
    for position in plan.sweepPositions {
      for axis in plan.sweeps[position.sweep].axes where axis.global == param.global {
        vm.setGlobal(param.global, try value(of: axis, at: position.position))
        place = axis.span
      }
    }
    for setting in plan.settings where settingMeans(setting.name, param) {
      vm.setGlobal(param.global, try value(of: setting))
      (place, source) = (param.span, "--set \(setting.name)")
    }
    try vm.prepare(param, givenAt: place, source: source)
  }

  private func apply(
    _ override: VariantTemplate.Override, to param: ParamTemplate
  ) throws(RuntimeError) {
    let value = try vm.call(vm.closure(of: override.value), budget: plan.limits.hookSteps)
    if override.operation == .set {
      vm.setGlobal(param.global, value)
      return
    }
    try vm.prepare(param)
    let sum = try combined(
      vm.global(param.global), value, override.operation, at: override.span)
    vm.setGlobal(param.global, sum)
  }

  private func value(of axis: SweepTemplate.Axis, at position: Int) throws(RuntimeError) -> Value {
    guard let value = try values(of: axis, position..<position + 1).first else {
      throw RuntimeError("N423", "the sweep over `\(axis.name)` has no such value", at: axis.span)
    }
    return value
  }

  /// - Parameter places: which of them; nil for all.
  func values(
    of axis: SweepTemplate.Axis, _ places: Range<Int>? = nil
  ) throws(RuntimeError) -> [Value] {
    let values = try vm.call(vm.closure(of: axis.values), budget: plan.limits.hookSteps)
    guard let elements = vm.elements(values, places) else {
      throw RuntimeError(
        "N422", "a sweep needs a list or a range of Ints", at: axis.span,
        help: "`sweep \(axis.name) in [1, 2, 5]` or `in 1..20`")
    }
    return elements
  }

  /// `chunk`, or `torre.chunk` of an imported file.
  private func settingMeans(_ name: String, _ param: ParamTemplate) -> Bool {
    let inScope = program.root.params + plan.caseParams
    if name == param.name { return inScope.contains { $0.global == param.global } }
    for use in program.root.imports where name == use.alias + "." + param.name {
      return program.modules[use.module].params.contains { $0.global == param.global }
    }
    return false
  }

  /// A value of `--set`, moved out of the VM that reckoned it.
  ///
  /// - Throws: N220; what is wrong with the value is told of the option, which has no line.
  func value(of setting: Setting) throws(RuntimeError) -> Value {
    let embedder = PlainEmbedder()
    var limits = plan.limits.vm
    limits.steps = min(limits.steps, plan.limits.hookSteps)
    let other = VM(setting.program, embedder: embedder, limits: limits)
    embedder.vm = other
    defer { withExtendedLifetime(embedder) {} }
    func refused(_ why: String, _ help: String?) -> RuntimeError {
      RuntimeError(
        "N220", "`--set \(setting.name)=\(setting.text)`: \(why)",
        at: caseSpan, help: help)
    }
    do throws(RuntimeError) {
      try other.runModule(setting.program.modules.count - 1)
    } catch {
      throw refused(error.title, error.help)
    }
    guard let param = setting.program.root.params.first,
      let value = vm.adopt(other.global(param.global), from: other)
    else { throw refused("this is no plain value", "a number, a text, a list, a range …") }
    return value
  }

  // MARK: The case's fiber

  /// Runs the case's own statements until it waits in a `run`, or ends.
  func resumeMain() throws(RuntimeError) {
    guard let fiber = main else { return }
    activity = .script
    let progress = vm.resume(fiber)
    scriptRan()
    switch progress {
    case .suspended:
      // `stop` or `fail` as a statement of the case: what stands behind it is not reached.
      if ending != nil {
        vm.drop(fiber)
        main = nil
        return
      }
      precondition(runRequest != nil, "a case that waits for something other than `run`")
    case .done(let value):
      main = nil
      mainValue = value
    case .failed(let fault):
      main = nil
      throw fault
    }
  }

  /// A fault ends the run: before time 0 it is a mistake like any other.
  func end(with fault: RuntimeError) {
    guard ending == nil else { return }
    if phase < .run, !fault.isLimit, let diagnostic = fault.diagnostic {
      diagnostics.append(diagnostic)
      return
    }
    ending = .fault(fault, at: simulation.now)
  }
}
