// `--mutants N`: scripts that pass, each with one thing changed. A mutant that passes as well has
// found something that nobody compares.

import NetLab
import NetScript
import NetSim

struct PktMutants {
  private let run: PktRun
  private let seed: UInt64
  private let sent: Bool

  /// A script that passes, and how it can be changed.
  private struct Stem {
    var script: PktScript
    var file: SourceFile
    var drill: DrillScript
    var level: DrillStrictness
    var mutations: [PktMutation]
  }

  private struct Survivor {
    var place: String
    var before: String
    var after: String
    var reason: String?
  }

  init(_ run: PktRun, seed: UInt64, sent: Bool) {
    self.run = run
    self.seed = seed
    self.sent = sent
  }

  func judge(_ scripts: [PktScript], count: Int) throws -> ExitStatus {
    var progress = ProgressLine(terminal: run.terminal)
    Interruption.watch()
    let stems = stems(scripts, &progress)
    let total = stems.reduce(0) { $0 + $1.mutations.count }
    guard total > 0 else {
      throw Failure(.usage, "--mutants: no script passes that has something to change.")
    }
    var stream = RandomStream(seed: seed, path: "netsh pkt", purpose: "mutants")
    var survivors: [Survivor] = []
    var made = 0
    var draws = 0
    while made < count && draws < 20 * count {
      draws += 1
      if Interruption.isRequested { return .interrupted }
      progress.update("\(made) of \(count) mutants, \(survivors.count) survived")
      var place = Int(stream.next() % UInt64(total))
      guard
        let stem = stems.first(where: { stem in
          if place < stem.mutations.count { return true }
          place -= stem.mutations.count
          return false
        })
      else { break }
      let mutation = stem.mutations[place]
      guard let text = mutation.text(in: stem.drill),
        let mutant = replaced([(stem.drill.events[mutation.event], text)], in: stem.script)
      else { continue }
      made += 1
      if run.judge.passes(mutant, at: stem.level) {
        survivors.append(survivor(stem, mutation, text))
      }
    }
    progress.clear()
    tell(survivors, of: made, stems.count)
    return survivors.contains { $0.reason == nil } ? .failed : .passed
  }

  private func stems(_ scripts: [PktScript], _ progress: inout ProgressLine) -> [Stem] {
    var stems: [Stem] = []
    for (index, script) in scripts.enumerated() where !Interruption.isRequested {
      progress.update("\(index) of \(scripts.count) scripts")
      let result = run.judge.judge(script)
      guard case .passed(let level) = result.verdict, level <= run.settings.strictness else {
        continue
      }
      let (drill, _) = DrillParser.parse(result.file, defines: run.settings.names)
      // A mutant must not be caught for the way in which it is written.
      let same = drill.events.compactMap { event in
        PktMutation.isWritten(event) ? (event, PktMutation.text(of: event)) : nil
      }
      guard let again = replaced(same, in: script), run.judge.passes(again, at: level) else {
        continue
      }
      let mutations = PktMutation.all(of: drill, at: level, sent: sent)
      stems.append(
        Stem(
          script: script, file: result.file, drill: drill, level: level, mutations: mutations))
    }
    return stems
  }

  /// The script with other texts for events, in their order; nil when it cannot be read any more.
  private func replaced(
    _ events: [(event: DrillEvent, text: String)], in script: PktScript
  ) -> PktScript? {
    var script = script
    for (event, text) in events.reversed() {
      script.octets.replaceSubrange(event.span.start..<event.span.end, with: Array(text.utf8))
    }
    let id = SourceFileID(rawValue: 0)
    let file = SourceFile(id: id, name: script.path, octets: script.octets)
    return DrillParser.parse(file, defines: run.settings.names).1.isEmpty ? script : nil
  }

  private func survivor(_ stem: Stem, _ mutation: PktMutation, _ text: String) -> Survivor {
    let event = stem.drill.events[mutation.event]
    let place = stem.script.path + ":\(stem.file.line(at: event.span.start))"
    return Survivor(
      place: place, before: PktMutation.text(of: event), after: text,
      reason: run.exceptions.reason(for: place))
  }

  private func tell(_ survivors: [Survivor], of made: Int, _ scripts: Int) {
    var text = ""
    if !run.isQuiet {
      for survivor in survivors {
        text += "SURVIVED \(survivor.place.harmless)\n"
        text += "    was  \(survivor.before)\n    now  \(survivor.after)\n"
        if let reason = survivor.reason { text += "    known: \(reason)\n".folded(to: 80) }
      }
    }
    let caught = made - survivors.count
    let share = made == 0 ? 0 : caught * 1000 / made
    let stems = scripts == 1 ? "1 script" : "\(scripts) scripts"
    text += "\(caught) of \(made) mutants of \(stems) caught, "
    text += "\(share / 10).\(share % 10) %; \(survivors.count) survived\n"
    run.terminal.write(text, to: .output)
  }
}
