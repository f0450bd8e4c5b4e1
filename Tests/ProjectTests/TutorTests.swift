// The guided tour: each lesson's line does what the lesson asks for.

import Testing

@Suite("Tutor")
struct TutorTests {
  /// The first few in debug builds, where minutes of simulated time take minutes.
  private static let lessonCount: Int = {
    #if DEBUG
      return 7
    #else
      return .max
    #endif
  }()

  @Test("behaviour 22: each lesson's own line leads to the next, and :tutor off back home")
  func tour() throws {
    let page = try Project.file("Sources/netsh/Tutor/lessons.txt")
    let titles = page.lines.filter { $0.hasPrefix("# ") }.map { $0.dropFirst(2) }
    let examples = page.lines.filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
    #expect(titles.count > 12 && titles.count == examples.count)
    let lines = [":tutor"] + examples.prefix(Self.lessonCount) + [":tutor off", "now"]
    let run = try Netsh.run([], input: lines.joined(separator: "\n") + "\n")
    for title in titles.prefix(Self.lessonCount) {
      #expect(run.output.contains("✓ \(title)"), "\(title) in \(run.errors)")
    }
    #expect(run.errors.isEmpty && run.status == 0 && run.output.hasSuffix("as you left it.\n0s\n"))
  }

  @Test("behaviour 22: the tutor waits for what it asked, and reminds after a while")
  func waits() throws {
    let run = try Netsh.run([], input: ":tutor\nnow\nnow\nshow server.pool\n:tutor 99\n")
    #expect(run.output.contains("tutor: when you are ready, type  show server.pool"))
    #expect(run.output.contains("✓ A world at rest") && run.output.contains("2/"))
    #expect(run.status == 3 && run.errors.contains("lessons"))
  }
}
