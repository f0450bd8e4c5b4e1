// What may stand at the cursor of an entry: commands and what they take, and all that the bench
// knows of statements.

import Foundation
import NetLab

extension Prompt {
  /// - Parameter text: the entry up to the cursor.
  func completion(of text: String) -> Completion {
    let indent = text.prefix { $0 == " " || $0 == "\t" }
    let line = text[indent.endIndex...]
    if line.hasPrefix(":") {
      return shifted(Self.commandCompletion(String(line), self), by: indent.utf8.count)
    }
    if line.hasPrefix("help ") {
      return shifted(Self.commandCompletion(":" + line, self), by: indent.utf8.count - 1)
    }
    var found = bench.completion(of: text)
    if line.isEmpty {
      found.candidates += Commands.all.map {
        Candidate(":" + $0.name, suffix: $0.suffix, note: $0.text)
      }
    }
    return found
  }

  private static var helpWords: [Candidate] {
    Commands.all.map { Candidate($0.name, suffix: "", note: $0.text) }
  }

  private func shifted(_ completion: Completion, by octets: Int) -> Completion {
    Completion(start: completion.start + octets, completion.candidates)
  }

  // MARK: Commands

  private static func commandCompletion(_ line: String, _ prompt: Prompt) -> Completion {
    guard let space = line.firstIndex(of: " ") else {
      let word = line.dropFirst()
      let fitting = Commands.all.filter { $0.name.hasPrefix(word) }
      return Completion(
        start: 1, fitting.map { Candidate($0.name, suffix: $0.suffix, note: $0.text) })
    }
    let name = String(line[line.index(after: line.startIndex)..<space])
    let found = Commands.beginning(with: name)
    guard found.count == 1, let command = found.first else {
      return Completion(start: line.utf8.count)
    }
    let argument = String(line[line.index(after: space)...])
    return prompt.shifted(
      prompt.completion(of: argument, for: command), by: line.utf8.count - argument.utf8.count)
  }

  /// What a command's usage says that it takes.
  private func completion(of argument: String, for command: Command) -> Completion {
    let words = command.operands
    if !words.isDisjoint(with: ["FILE", "DIR", "CMD"]) {
      if options.restricted { return Completion() }
      let word = words.contains("CMD") ? Self.lastWord(of: argument) : argument[...]
      return shifted(
        FileNames.completion(of: String(word), areFolders: words.contains("DIR")),
        by: argument.utf8.count - word.utf8.count)
    }
    if words.contains("VALUE") { return settingCompletion(of: argument) }
    var candidates: [Candidate] = []
    if !words.isDisjoint(with: ["MARK", "FORK", "A"]) {
      candidates += (bench.markNames + bench.forkNames).map { Candidate($0, suffix: "") }
    }
    if words.contains("WORD") { candidates += Self.helpWords }
    if words.contains("GLOB") { candidates += bench.eventCandidates }
    candidates += command.words.map { Candidate($0) }
    var found = Self.names(in: argument, among: candidates)
    if command.takesExpression || !words.isDisjoint(with: ["EVENT", "PATH"]) {
      var more = bench.completion(of: argument)
      // Nothing is set behind a command.
      let space = words.contains("PATH") ? "" : " "
      for place in more.candidates.indices where more.candidates[place].suffix.hasPrefix(" ") {
        more.candidates[place].suffix = space
      }
      found = Completion(start: more.start, found.candidates + more.candidates)
    }
    return found
  }

  /// The name of a setting, then what it may be.
  private func settingCompletion(of argument: String) -> Completion {
    guard let space = argument.firstIndex(of: " ") else {
      return Self.names(
        in: argument, among: settings.all.map { Candidate($0.name, note: $0.value) })
    }
    let value = argument[argument.index(after: space)...].drop { $0 == " " }
    let setting = settings.all.first { $0.name == argument[..<space] }
    if setting?.name == "output", !options.restricted {
      return shifted(
        FileNames.completion(of: String(value)), by: argument.utf8.count - value.utf8.count)
    }
    return Self.names(
      in: argument, among: setting?.allowed?.map { Candidate($0, suffix: "") } ?? [])
  }

  private static func lastWord(of text: String) -> Substring {
    text[(text.lastIndex(of: " ").map(text.index(after:)) ?? text.startIndex)...]
  }

  /// The last word of a text, among these.
  private static func names(in text: String, among candidates: [Candidate]) -> Completion {
    let word = lastWord(of: text)
    return Completion(
      start: text.utf8.count - word.utf8.count, candidates.filter { $0.text.hasPrefix(word) })
  }
}

extension Command {
  /// `TIME`, `MARK` of `:goto TIME|#EVENT|MARK`: what stands for something else is in capitals.
  var operands: Set<String> {
    let parts = usage.split { " []|,".contains($0) }.map(String.init)
    return Set(parts.filter { $0.first?.isUppercase == true })
  }

  /// What it takes is reckoned out, at least in part.
  var takesExpression: Bool { !operands.isDisjoint(with: ["EXPR", "WHAT", "TIME"]) }

  /// `grep`, `run` of `:history [N | grep TEXT | run N]`: what is typed as it stands.
  var words: [String] {
    let parts = usage.split { " []|".contains($0) }.map(String.init).dropFirst()
    return parts.filter { $0.allSatisfy { $0.isLowercase } }
  }

  fileprivate var suffix: String { argument == .none ? "" : " " }
}

/// Names of files, as far as one is written.
enum FileNames {
  static func completion(of text: String, areFolders: Bool = false) -> Completion {
    let folder = text[..<(text.lastIndex(of: "/").map(text.index(after:)) ?? text.startIndex)]
    let word = text[folder.endIndex...]
    let path = folder.isEmpty ? "." : String(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let fitting = names.sorted().filter { name in
      name.hasPrefix(word) && (!name.hasPrefix(".") || word.hasPrefix("."))
    }
    return Completion(
      start: folder.utf8.count,
      fitting.compactMap { name in
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
        if areFolders && !isFolder.boolValue { return nil }
        return Candidate(name, suffix: isFolder.boolValue ? "/" : "")
      })
  }
}
