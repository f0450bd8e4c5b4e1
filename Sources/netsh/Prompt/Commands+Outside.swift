// Commands that reach out of the session: programs, and the folder that names of files begin at.

import Foundation

extension Commands {
  static let outside: [Command] = [
    Command(
      name: "shell", usage: ":shell CMD", group: .session,
      text: "does something in a shell, and tells its exit status", argument: .needed,
      details: "`:!CMD` is the same.", examples: [":!ls -l", ":shell vi lab.ns"],
      related: ["cd", "load"]
    ) { prompt, argument in prompt.shell(argument) },
    Command(
      name: "cd", usage: ":cd [DIR]", group: .session,
      text: "goes to a folder, where files are looked for; alone: shows it", argument: .optional,
      details: "The script that was opened stays where it is, and so does what it imports.",
      examples: [":cd ..", ":cd"], related: ["shell", "save"]
    ) { prompt, argument in prompt.changeFolder(argument) },
  ]
}

extension Prompt {
  /// Of the script that was opened, as it is named from where one stands.
  var scriptFolder: String {
    let folder = (bench.name as NSString).deletingLastPathComponent
    let isHome = FileManager.default.currentDirectoryPath == startFolder
    return isHome || folder.hasPrefix("/") ? folder : startFolder + "/" + folder
  }

  fileprivate func shell(_ command: String) -> Bool {
    if options.restricted { return refuse("--restricted: no program is started") }
    if record != nil { return refuse("`:shell` prints where it likes: not with --json") }
    endPage()
    clearScreen()
    // What comes from a pipe is for this session alone.
    let status = reader.lending { ShellCommand.run(command, input: isTyped ? nil : "") }
    acknowledge(ShellCommand.failure(status) ?? "exit 0")
    return true
  }

  fileprivate func changeFolder(_ folder: String) -> Bool {
    if options.restricted { return refuse("--restricted: no other folder is looked into") }
    let path = (folder as NSString).expandingTildeInPath
    if !folder.isEmpty, !FileManager.default.changeCurrentDirectoryPath(path) {
      return refuse("\(folder): is no folder that can be entered")
    }
    acknowledge(FileManager.default.currentDirectoryPath)
    return true
  }
}
