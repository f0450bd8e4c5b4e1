// The pages that `netsh explain` prints, as the text files of Sources/netsh/Explain hold them.

import NetScript

/// A page of Sources/netsh/Explain: one file for each hundred, one `# CODE title` for each page.
struct ExplainPage {
  var code: String
  var title: String
  /// The lines below the title.
  var body: [Substring]

  static var all: [ExplainPage] {
    let files = [
      PackageResources.n1_md, PackageResources.n2_md, PackageResources.n3_md,
      PackageResources.n4_md, PackageResources.n5_md,
    ]
    var pages: [ExplainPage] = []
    for octets in files {
      let text = String(decoding: octets, as: UTF8.self)
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("# N") {
          let head = line.dropFirst(2)
          let code = head.prefix { $0 != " " }
          let title = head.dropFirst(code.count + 1)
          pages.append(ExplainPage(code: String(code), title: String(title), body: []))
        } else if !pages.isEmpty {
          pages[pages.count - 1].body.append(line)
        }
      }
    }
    return pages
  }

  /// The code that somebody asks for, there or not: `103`, `n103`, `N1O3`; or the one in a line of
  /// ours. Nil for any other line.
  static func code(in line: String) -> String? {
    let words = line.split { !$0.isLetter && !$0.isNumber }
    if words.count > 1 {
      return all.map(\.code).first { code in words.contains { $0 == code } }
    }
    let upper = line.uppercased()
    let number = upper.hasPrefix("N") ? upper.dropFirst() : upper[...]
    guard number.first?.isNumber == true, number.count <= 4 else { return nil }
    return "N" + number
  }

  static func nearest(to code: String) -> String? {
    Spelling.nearest(to: code, among: all.map(\.code))
  }

  /// As plain text: examples are indented, each under what it is.
  func printed(heading: (String) -> String) -> String {
    var text = heading("\(code)  \(title)") + "\n"
    var isExample = false
    for line in body {
      switch line {
      case "```ns wrong", "```pkt wrong": (isExample, text) = (true, text + "wrong\n")
      case "```ns right", "```pkt right": (isExample, text) = (true, text + "right\n")
      case "```": isExample = false
      default: text += (isExample && !line.isEmpty ? "    " : "") + line + "\n"
      }
    }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }
}
