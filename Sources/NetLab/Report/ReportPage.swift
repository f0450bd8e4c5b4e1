// The report of a command: one page with everything in it. It opens from a file, offline, and asks
// for nothing from anywhere.

import NetScript

public struct ReportPage {
  /// So many runs have pictures, and so many more of those that did not pass.
  static let mostPictures = 12

  private var sections: [String] = []
  private var rows: [(name: String, word: String, style: String, story: RowFacts)] = []
  private var pictures = 0
  private var picturesOfTrouble = 0

  private struct RowFacts {
    var failed: Int
    var expectations: Int
    var simulated: String
    var digest: String
  }

  public init() {}

  /// The next run, in the order of the plan.
  public mutating func add(_ story: RunStory) {
    var hasPictures = pictures < ReportPage.mostPictures
    if hasPictures {
      pictures += 1
    } else if story.result.verdict != .pass, picturesOfTrouble < ReportPage.mostPictures {
      picturesOfTrouble += 1
      hasPictures = true
    }
    sections.append(
      story.section(
        number: sections.count + 1, isOpen: sections.isEmpty, hasPictures: hasPictures))
    let failed = story.result.expectations.count { $0.verdict == .fail }
    rows.append(
      (
        story.name, story.word, story.style,
        RowFacts(
          failed: failed, expectations: story.result.expectations.count,
          simulated: TimeText.text(story.result.endedAt), digest: story.result.digestText)
      ))
  }

  /// - Parameters:
  ///   - command: what was typed.
  ///   - planned: how many runs there should have been.
  public func html(command: String, planned: Int) -> String {
    var html = Markup()
    html.raw("<!DOCTYPE html>\n")
    html.wrap("html", ("lang", "en")) { html in
      html.wrap("head") { addHead(to: &$0) }
      html.wrap("body") { html in
        html.add("a", "Skip to the runs", ("class", "skip"), ("href", "#runs"))
        html.raw(ReportStyle.patterns)
        html.wrap("header") { html in
          html.add("h1", "netsh report")
          html.lines([command], label: "command of this report")
        }
        html.wrap("main", ("id", "runs"), ("tabindex", "-1")) { html in
          if sections.count < planned {
            let left = planned - sections.count
            html.add(
              "p", "Cut short: \(left) of \(planned) runs are not here, they were not made.",
              ("class", "cut"), ("role", "note"))
          }
          if rows.count > 1 { addTable(to: &html) }
          for section in sections { html.raw(section) }
        }
        html.wrap("footer") { html in
          html.add("p", "Written by \(RunResult.engine). Times are simulated times.")
        }
        html.raw(ReportStyle.script)
      }
    }
    return html.text
  }

  private var title: String {
    let trouble = rows.count { $0.style != "good" }
    let name = rows.count == 1 ? rows[0].name : "\(rows.count) runs"
    let verdict = rows.count == 1 ? rows[0].word : trouble == 0 ? "pass" : "\(trouble) not passed"
    return "netsh: \(name): \(verdict)"
  }

  private func addHead(to html: inout Markup) {
    html.raw("<meta charset=\"utf-8\"/>\n")
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
    html.raw("<meta name=\"color-scheme\" content=\"light dark\"/>\n")
    // Nothing is asked from anywhere, and the browser holds the page to it.
    html.raw(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        + "style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>\n")
    html.add("title", title)
    html.raw(ReportStyle.sheet)
  }

  private func addTable(to html: inout Markup) {
    html.add("h2", "\(rows.count) runs")
    html.scroll("verdicts of all runs") { html in
      html.wrap("table") { html in
        html.add("caption", "The verdict of each run")
        html.wrap("thead") { html in
          html.wrap("tr") { html in
            for name in ["run", "verdict"] { html.add("th", name, ("scope", "col")) }
            for name in ["failed", "expected", "simulated"] {
              html.add("th", name, ("scope", "col"), ("class", "n"))
            }
            html.add("th", "digest", ("scope", "col"))
          }
        }
        html.wrap("tbody") { html in
          for (number, row) in rows.enumerated() {
            html.wrap("tr") { html in
              html.wrap("td") { html in
                html.add("a", row.name, ("href", "#run-\(number + 1)"))
              }
              html.wrap("td") { $0.add("span", row.word, ("class", "verdict \(row.style)")) }
              html.add("td", "\(row.story.failed)", ("class", "n"))
              html.add("td", "\(row.story.expectations)", ("class", "n"))
              html.add("td", row.story.simulated, ("class", "n"))
              html.wrap("td") { $0.add("code", row.story.digest) }
            }
          }
        }
      }
    }
  }
}
