// `:tutor`: a guided tour through the seed. Each lesson says something, shows a line to type, and
// goes on once that has been done; anything else may be typed as well.

import Foundation
import NetLab
import NetScript

/// A page of Sources/netsh/Tutor/lessons.txt.
struct Lesson {
  /// How one knows that it was done.
  enum Goal {
    /// A line of this form was typed; `*` stands for anything.
    case typed(String)
    /// This holds in the world.
    case holds(String)
  }

  var title = ""
  var text: [String] = []
  /// The line to type.
  var example = ""
  var goal = Goal.typed("*")

  static let all: [Lesson] = {
    var lessons: [Lesson] = []
    let text = String(decoding: PackageResources.lessons_txt, as: UTF8.self)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("# ") {
        lessons.append(Lesson(title: String(line.dropFirst(2))))
      } else if let last = lessons.indices.last, !line.isEmpty {
        if line.hasPrefix("> ") {
          lessons[last].example = String(line.dropFirst(2))
        } else if line.hasPrefix("typed ") {
          lessons[last].goal = .typed(String(line.dropFirst(6)))
        } else if line.hasPrefix("holds ") {
          lessons[last].goal = .holds(String(line.dropFirst(6)))
        } else {
          lessons[last].text.append(line)
        }
      }
    }
    return lessons
  }()
}

/// How far somebody has come, and the world that waits for the end of it.
struct Tutor {
  var lesson = 0
  /// Lines since the lesson began.
  var attempts = 0
  var before: Workbench
}

extension Commands {
  static let teaching: [Command] = [
    Command(
      name: "tutor", usage: ":tutor [N|off]", group: .session,
      text: "a guided half hour through the seed", argument: .optional,
      details: "It has a world of its own; `:tutor off` comes back to yours. N is a lesson.",
      examples: [":tutor", ":tutor off"], related: ["help"]
    ) { prompt, argument in prompt.teach(argument) }
  ]
}

extension Prompt {
  func teach(_ argument: String) -> Bool {
    if argument == "off" {
      guard let tutor else { return refuse("no tutor is here") }
      change(to: tutor.before)
      self.tutor = nil
      say("The tutor has gone; your world is as you left it.")
      return true
    }
    let number = argument.isEmpty ? 1 : Int(argument) ?? 0
    guard Lesson.all.indices.contains(number - 1) else {
      return refuse("there are \(Lesson.all.count) lessons: `:tutor 3`, `:tutor off`")
    }
    if tutor == nil {
      let opened = Workbench.open(
        name: "tutor.ns", octets: PackageResources.seed_ns, loader: NoImports(), monitor: monitor)
      guard let new = opened.workbench else { return refuse("the tutor's lab does not open") }
      tutor = Tutor(before: bench)
      change(to: new)
    }
    tutor?.lesson = number - 1
    tutor?.attempts = 0
    tellLesson()
    return true
  }

  /// After each line while the tutor is here.
  func checkLesson(_ line: String) {
    guard let tutor, case let lesson = Lesson.all[tutor.lesson] else { return }
    let typed = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if typed.hasPrefix(":tutor") { return }
    switch lesson.goal {
    case .typed(let form):
      if !Glob.matches(typed, form) { return remind(lesson) }
    case .holds(let condition):
      if bench.type(condition).value != "true" { return remind(lesson) }
    }
    say(terminal.styled("✓ \(lesson.title)", .good, on: .output))
    if tutor.lesson + 1 == Lesson.all.count {
      say("That was all. `:tutor off` returns to your own world.")
      return
    }
    self.tutor?.lesson += 1
    self.tutor?.attempts = 0
    tellLesson()
  }

  /// Not at once: whoever looks around needs no telling off.
  private func remind(_ lesson: Lesson) {
    tutor?.attempts += 1
    if (tutor?.attempts ?? 0) % 3 == 2 { say("tutor: when you are ready, type  \(lesson.example)") }
  }

  private func tellLesson() {
    guard let tutor, case let lesson = Lesson.all[tutor.lesson] else { return }
    say("")
    say(
      terminal.styled(
        "\(tutor.lesson + 1)/\(Lesson.all.count)  \(lesson.title)", .bold, on: .output))
    for line in lesson.text { say("  " + line) }
    say("    " + terminal.styled(lesson.example, .note, on: .output))
  }
}
