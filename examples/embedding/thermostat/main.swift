// NetScript in a program of one's own: a heating whose rule is a script.
import NetScript

let rule = """
  fn opening(t) => if t < 18 then 100% else if t < 20 then 40% else 0%
  for hour in 0..4 { set_valve(hour, opening(temperature(hour))) }
  """
let readings: [Int64] = [16, 17, 18, 19, 21]
let natives = [
  Native("temperature", 1...1) { _, given in .int(readings[Int(given[0].asInt ?? 0) % 5]) },
  Native("set_valve", 2...2) { vm, given in
    print("hour \(vm.text(given[0])): valve at \(vm.text(given[1]))")
    return .none
  },
]

let compiled = Script.compile(rule, loader: NoImports(), vocabulary: Vocabulary(natives))
if let program = compiled.program {
  let result = Script.runPlain(program, natives: natives) { print($0) }
  if let fault = result.error { print("\(fault.code): \(fault.title)") }
} else {
  for mistake in compiled.diagnostics { print(DiagnosticRenderer(compiled.files).render(mistake)) }
}
