// The front door: source text in, a verified program or diagnostics out.

/// Finds the text of an import. Class-bound, so that a loader may read files, strings or both.
public protocol Loader: AnyObject {
  /// `path` as written after `import`, `importer` as the loader named it itself.
  func load(_ path: String, from importer: String) -> LoadedSource
}

public enum LoadedSource: Sendable {
  /// `name` identifies the file: two imports with the same name share one module.
  case found(name: String, octets: [UInt8])
  /// Why not, and what to do about it.
  case missing(title: String, help: String?)
}

/// What the embedder adds to the language's own names.
public struct Vocabulary: Sendable {
  /// Global functions in the order of `Embedder.callNative`'s numbers.
  public var natives: [String]
  /// Modules that are in scope everywhere, without an import: `std/apps`.
  public var prelude: [String]

  public init(natives: [String] = [], prelude: [String] = []) {
    self.natives = natives
    self.prelude = prelude
  }
}

public struct CompilationResult: Sendable {
  /// `nil` when a diagnostic is an error.
  public var program: Program?
  public var diagnostics: [Diagnostic]
  /// All files that were read, for the renderer.
  public var files: SourceFiles
}
