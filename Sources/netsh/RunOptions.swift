// What the command line asked for, free of the command line's spelling.

import NetSim

/// A run of scripts as it was asked for. `runScripts` needs nothing else.
struct RunOptions: Sendable {
  /// The root files, in the order given, already read.
  var scripts: [ScriptFile] = []
  /// Statements of `-e`, to be put before the first `run`; without scripts, the whole script.
  var statements: [String] = []
  /// Stops at time 0: parse, check, declare, elaborate, freeze; nothing runs, nothing is written.
  var onlyChecks = false

  /// Which cases and variants; nil for all. A glob: `*` and `?`.
  var casePattern: String?
  var variantPattern: String?
  /// Replaces any `sweep seed`; nil leaves it to the script, or else seed 1.
  var seeds: ClosedRange<UInt64>?
  /// `--set`: parameters by name, their values still text to be parsed as NetScript.
  var settings: [NamedValue] = []
  /// `--schedule`: how the scheduler's ties are settled.
  var schedule: Schedule?
  /// `--limit`: as `settings`.
  var limits: [NamedValue] = []

  /// Where each run gets its folder; nil writes nothing.
  var outputFolder: String?
  /// Where the page about all runs goes.
  var reportFile: String?
  /// Writes into run folders that are not empty.
  var force = false

  /// Vacuous and open expectations count as failures.
  var strict = false
  /// Nobody said so, but the environment variable CI is set: the header has to mention it.
  var isStrictBecauseOfCI = false
  /// One JSON object per run and line instead of text.
  var json = false
  /// Each run is made twice more, in other ways.
  var checksDeterminism = false
}

/// A script and where it comes from.
struct ScriptFile: Sendable {
  /// As typed; `-` for standard input. Imports are relative to its folder.
  var path: String
  var text: String
}
