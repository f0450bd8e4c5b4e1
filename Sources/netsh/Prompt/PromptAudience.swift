// Lines of the bench reach the terminal as they come, and in colours that the words also say.

import NetLab

extension Prompt: Audience {
  func hear(_ told: Told) {
    let style: Terminal.Style?
    switch told.tone {
    case .printed, .event: style = nil
    case .loss, .bad: style = .bad
    case .wait: style = .caution
    case .stop: style = .note
    case .good: style = .good
    }
    letTimePass(to: bench.moment.now)
    say(style.map { terminal.styled(told.text, $0, on: .output) } ?? told.text)
  }

  /// What a breakpoint that has stopped the run wants done.
  func perform(_ commands: [String]) -> Bool {
    for command in commands {
      say("> " + command)
      if !perform(PromptLine(command)) { return false }
    }
    return true
  }
}
