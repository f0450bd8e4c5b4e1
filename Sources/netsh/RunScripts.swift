// From options to verdicts: the one place where the command line meets the bench.

/// Runs, or only checks, the scripts: results to standard output, diagnostics and progress to
/// standard error.
///
/// - Returns: of all runs the most telling status.
func runScripts(_ options: RunOptions, terminal: Terminal) -> ExitStatus {
  // Issue 2: the bench replaces this body.
  terminal.write("netsh: running scripts is not part of this version.\n", to: .error)
  return .usage
}
