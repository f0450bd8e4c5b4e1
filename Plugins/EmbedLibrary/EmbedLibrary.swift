// Puts the scripts of examples/ into `netsh`, so that the program has them wherever it is carried.
//
// SwiftPM's `.embedInCode` wants a list of names beside it and writes arrays of octets, which take
// the compiler 15 times as long as the string literals of scripts/embed-library. The link
// Sources/netsh/Library makes examples/ a part of the target, so that SwiftPM asks again here when a
// script comes or goes.

import Foundation
import PackagePlugin

@main
struct EmbedLibrary: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let tool = root.appending(path: "scripts/embed-library")
    let examples = root.appending(path: "examples")
    let result = context.pluginWorkDirectoryURL.appending(path: "ExampleTexts.swift")
    let scripts = content(of: examples).flatMap(content).filter { $0.pathExtension == "ns" }
    return [
      .buildCommand(
        displayName: "Embedding examples", executable: URL(filePath: "/bin/sh"),
        arguments: [tool.path, examples.path, result.path],
        inputFiles: [tool] + scripts, outputFiles: [result])
    ]
  }

  /// Nothing, of a file.
  private func content(of folder: URL) -> [URL] {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (found ?? []).sorted { $0.path < $1.path }
  }
}
