// `:load FILE`: what a script declares and does before its first `run`, in this session.

import NetScript

/// What a file brought when it was loaded last: its names, each with the text that declares it.
struct LoadedFile {
  var name: String
  var declarations: [(name: String, text: String)]
}
