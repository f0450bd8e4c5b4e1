// Where results go: the terminal, a file, a program, or the object of a line under `--json`.

import Foundation

/// Where results go until something else is said.
enum PromptOutput {
  case terminal
  case file(FileHandle)
  case program(pid_t, FileHandle)

  var isTerminal: Bool {
    if case .terminal = self { return true }
    return false
  }

  /// - Returns: whether it could be written.
  func write(_ text: String, _ terminal: Terminal) -> Bool {
    switch self {
    case .terminal:
      terminal.write(text, to: .output)
      return true
    case .file(let handle), .program(_, let handle):
      return (try? handle.write(contentsOf: Data(text.utf8))) != nil
    }
  }

  func close() {
    switch self {
    case .terminal: break
    case .file(let handle): try? handle.close()
    case .program(let child, let handle):
      try? handle.close()
      _ = ShellCommand.wait(for: child)
    }
  }
}

extension Prompt {
  /// `:set output`. Says why not, or nil.
  func redirect(to target: String) -> String? {
    var new = PromptOutput.terminal
    if target != "-" {
      if options.restricted { return "--restricted: nothing is written, no program is started" }
      if target.hasPrefix("|") {
        let command = target.dropFirst().trimmingCharacters(in: .whitespaces)
        // A program that has seen enough must not end this one.
        signal(SIGPIPE, SIG_IGN)
        guard let (child, input) = ShellCommand.begin(command, isFed: true) else {
          return "`\(command)` cannot be started"
        }
        new = .program(child, FileHandle(fileDescriptor: input, closeOnDealloc: true))
      } else {
        guard FileManager.default.createFile(atPath: target, contents: nil),
          let handle = FileHandle(forWritingAtPath: target)
        else { return "`\(target)` cannot be written: \(String(cString: strerror(errno)))" }
        new = .file(handle)
      }
    }
    output.close()
    output = new
    return nil
  }
}
