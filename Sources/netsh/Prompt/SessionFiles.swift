// `:save` and `:load`: the only files that the prompt reads and writes for whoever types.

import Foundation
import NetLab
import NetScript

extension Commands {
  private static let restricted = "--restricted: no file is read or written here"

  /// `!` before the name: an older file may go.
  static func save(_ prompt: Prompt, _ argument: String) -> Bool {
    if prompt.options.restricted { return prompt.refuse(restricted) }
    let replaces = argument.hasPrefix("!")
    let path = String(argument.drop { $0 == "!" || $0 == " " })
    if path.isEmpty { return prompt.refuse("it is written :save FILE") }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      if isFolder.boolValue { return prompt.refuse("\(path): is a folder") }
      if !replaces {
        return prompt.refuse("\(path): is there already; `:save! \(path)` replaces it")
      }
    }
    let folder = prompt.scriptFolder
    let beside = (folder as NSString).appendingPathComponent((path as NSString).lastPathComponent)
    let isThere = place(path) == URL(fileURLWithPath: folder).standardizedFileURL.path
    let (script, reply) = prompt.bench.savedScript(as: path, beside: isThere ? nil : beside)
    guard let script else { return prompt.tell(reply) }
    do {
      // Into a file of its own, which then takes the name: never half of it.
      try Data(script.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      return prompt.refuse("\(path): cannot be written")
    }
    prompt.acknowledge("wrote \(path): \(script.summary)")
    return true
  }

  /// The folder of a path.
  private static func place(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
  }

  static func load(_ prompt: Prompt, _ argument: String) -> Bool {
    if prompt.options.restricted { return prompt.refuse(restricted) }
    do {
      guard let file = try readScripts([argument]).first, argument != "-" else {
        return prompt.refuse("it is written :load FILE")
      }
      return prompt.tell(prompt.bench.load(file.path, Array(file.text.utf8)))
    } catch let failure as Failure {
      return prompt.refuse(failure.message)
    } catch {
      return prompt.refuse("\(argument): cannot be read")
    }
  }
}
