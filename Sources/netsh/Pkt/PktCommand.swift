// `netsh pkt FILE|DIR…`: packetdrill scripts against a stack, in virtual time.

import ArgumentParser
import Foundation
import NetLab

struct PktCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pkt", abstract: "Run packetdrill scripts, in virtual time.")

  @Argument(help: "Scripts, or folders of them.")
  var files: [String]

  @OptionGroup var common: CommonOptions

  @Option(help: "The stack: freebsd, bsd44, rtems46, linux_peer.")
  var profile = "freebsd"

  @Option(help: "0 to 3.")
  var relaxed = 0

  mutating func run() throws {
    let terminal = Terminal(color: common.color, progress: .auto)
    guard let lab = DrillLab(profile: profile, strictness: DrillStrictness(rawValue: UInt8(relaxed)) ?? .strict).prepared() else {
      throw Failure(.usage, "\(profile): no such profile.")
    }
    var passed = 0
    for file in files {
      guard let octets = FileManager.default.contents(atPath: file),
        let report = lab.run(name: file, octets: Array(octets))
      else {
        terminal.write("\(file): cannot be read\n", to: .output)
        continue
      }
      switch report.outcome {
      case .passed, .running: passed += 1
      case .unsupported(let what, let span):
        terminal.write("\(file):\(report.file.line(at: span.start)): unsupported: \(what)\n", to: .output)
      case .failed(let failure):
        var text = "\(file):\(report.file.line(at: failure.span.start)): \(failure.title)\n"
        if let expected = failure.expected { text += "   expected \(expected.text)\n" }
        if let actual = failure.actual { text += "   actual   \(actual.text)\n" }
        for entry in report.log { text += "      \(entry.at) \(entry.packet.text)\n" }
        terminal.write(text, to: .output)
      }
    }
    terminal.write("\(passed) of \(files.count) passed\n", to: .output)
  }
}
