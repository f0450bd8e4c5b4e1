// What a terminal tells whoever reads from it: its size has changed, stop, go on, go.
//
// The handlers only set flags. Who reads lines keeps these signals back and lets them through while
// it waits, so that none comes between a look at the flags and the wait. A signal that ends the
// process restores the terminal first, with nothing but what a handler may call.

import Foundation
import Synchronization

enum TerminalSignals {
  private static let sizes = Atomic<Bool>(false)
  private static let stops = Atomic<Bool>(false)
  private static let continuations = Atomic<Bool>(false)
  /// The terminal's modes as they were found: in memory that a handler can reach.
  nonisolated(unsafe) private static let modes = UnsafeMutablePointer<termios>.allocate(capacity: 1)
  private static let endOfPaste: StaticString = "\u{1B}[?2004l"

  /// The window has another size since somebody asked.
  static var hasNewSize: Bool { sizes.exchange(false, ordering: .relaxed) }
  /// Ctrl-Z since somebody asked.
  static var isToStop: Bool { stops.exchange(false, ordering: .relaxed) }
  /// It was stopped and goes on since somebody asked: another program had the terminal.
  static var wentOn: Bool { continuations.exchange(false, ordering: .relaxed) }

  /// Before anything changes the terminal's modes.
  static func watch() {
    modes.initialize(to: termios())
    guard tcgetattr(0, modes) == 0 else { return }
    _ = (hasNewSize, isToStop, wentOn)  // makes the flags exist before a signal needs them
    signal(SIGWINCH) { _ in TerminalSignals.sizes.store(true, ordering: .relaxed) }
    signal(SIGCONT) { _ in TerminalSignals.continuations.store(true, ordering: .relaxed) }
    for number in [SIGHUP, SIGTERM, SIGQUIT] {
      // Somebody who ignores it (nohup) goes on to ignore it.
      if isIgnoring(signal(number, TerminalSignals.leave)) { signal(number, SIG_IGN) }
    }
  }

  /// The terminal as it was found, with nothing but what a handler may call.
  static func restore() {
    tcsetattr(0, TCSANOW, modes)
    _ = write(1, endOfPaste.utf8Start, endOfPaste.utf8CodeUnitCount)
  }

  private static let leave: @convention(c) (Int32) -> Void = { number in
    TerminalSignals.restore()
    signal(number, SIG_DFL)
    raise(number)
  }

  private static func isIgnoring(_ handler: sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  // MARK: Waiting

  /// Signals that are kept back, except while somebody waits for input.
  private static let held = [SIGINT, SIGWINCH, SIGTSTP, SIGCONT]
  private static let heldSet = {
    var set = sigset_t()
    sigemptyset(&set)
    for number in held { sigaddset(&set, number) }
    return set
  }()

  /// Performs `body` with the signals kept back. Ctrl-Z becomes a flag for as long, and Ctrl-\\ is
  /// nothing: it ends what hangs, and who edits a line is not that.
  static func holding<Result>(_ body: () -> Result) -> Result {
    let before = signal(SIGTSTP) { _ in TerminalSignals.stops.store(true, ordering: .relaxed) }
    let isIgnored = isIgnoring(before)
    if isIgnored { signal(SIGTSTP, SIG_IGN) }
    let quits = signal(SIGQUIT, SIG_IGN)
    var (set, old) = (heldSet, sigset_t())
    pthread_sigmask(SIG_BLOCK, &set, &old)
    let result = body()
    pthread_sigmask(SIG_SETMASK, &old, nil)
    signal(SIGQUIT, quits)
    if !isIgnored { signal(SIGTSTP, SIG_DFL) }
    return result
  }

  enum Wake {
    case input, signal
    /// The terminal is gone.
    case end
  }

  /// Until there is input or one of the signals; only within `holding`. What came first is told
  /// first: a signal that waits was there before the octets that its key has not swept away.
  static func wait() -> Wake {
    if isSignalled { return .signal }
    var standardInput = fd_set()
    standardInput.__fds_bits.0 = 1
    var none = sigset_t()
    sigemptyset(&none)
    if pselect(1, &standardInput, nil, nil, nil, &none) < 0 {
      return errno == EINTR ? .signal : .end
    }
    if isSignalled { return .signal }
    return state & Int32(POLLHUP | POLLERR | POLLNVAL) != 0 ? .end : .input
  }

  /// An octet, if there is one and no signal came before it. It never waits: between a look and a
  /// read Ctrl-C may sweep away what was there.
  static func octet() -> UInt8? {
    var octet: UInt8 = 0
    return !isSignalled && read(0, &octet, 1) == 1 ? octet : nil
  }

  /// The terminal's reads return at once, within the modes that it has.
  static func readAtOnce() {
    var modes = termios()
    guard tcgetattr(0, &modes) == 0 else { return }
    withUnsafeMutableBytes(of: &modes.c_cc) { $0[Int(VMIN)] = 0 }
    tcsetattr(0, TCSANOW, &modes)
  }

  /// Whether one of the signals has come. Those that were kept back set their flags.
  private static var isSignalled: Bool {
    var (pending, set) = (sigset_t(), heldSet)
    sigpending(&pending)
    if held.contains(where: { sigismember(&pending, $0) == 1 }) {
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      pthread_sigmask(SIG_BLOCK, &set, nil)
    }
    return Interruption.isRequested || sizes.load(ordering: .relaxed)
      || stops.load(ordering: .relaxed) || continuations.load(ordering: .relaxed)
  }

  /// Whether more was typed than has been read.
  static var hasInput: Bool { state & Int32(POLLIN) != 0 }

  private static var state: Int32 {
    var terminal = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    return poll(&terminal, 1, 0) > 0 ? Int32(terminal.revents) : 0
  }

  /// Stops, as Ctrl-Z would have; returns when it goes on.
  static func stop() {
    let handler = signal(SIGTSTP, SIG_DFL)
    var (set, old) = (sigset_t(), sigset_t())
    sigemptyset(&set)
    sigaddset(&set, SIGTSTP)
    raise(SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &set, &old)
    pthread_sigmask(SIG_SETMASK, &old, nil)
    signal(SIGTSTP, handler)
  }
}
