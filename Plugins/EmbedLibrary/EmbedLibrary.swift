// Puts the scripts of examples/ into `netsh`, so that the program has them wherever it is carried.
//
// SwiftPM's `.embedInCode` wants a list of names beside it and writes arrays of octets, which take
// the compiler 15 times as long as the string literals of scripts/embed-library. A folder counts as
// changed when a script comes or goes: so each is found by itself.

import Foundation
import PackagePlugin

@main
struct EmbedLibrary: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let root = context.package.directoryURL
    let tool = root.appending(path: "scripts/embed-library")
    let examples = root.appending(path: "examples")
    let result = context.pluginWorkDirectoryURL.appending(path: "ExampleTexts.swift")
    let families = content(of: examples).filter { $0.hasDirectoryPath }
    let scripts = families.flatMap(content).filter { $0.pathExtension == "ns" }
    return [
      .buildCommand(
        displayName: "Embedding examples", executable: URL(filePath: "/bin/sh"),
        arguments: [tool.path, examples.path, result.path],
        inputFiles: [tool, examples] + families + scripts, outputFiles: [result])
    ]
  }

  private func content(of folder: URL) -> [URL] {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.isDirectoryKey])
    return (found ?? []).sorted { $0.path < $1.path }
  }
}
