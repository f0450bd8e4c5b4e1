// The fields of `tcp { }` as the engine's rules: times in whole slow beats, rounded up.

import NetScript
import NetStack

extension Bench {
  /// Nanoseconds of the host's slow beat.
  func slowBeat(of tcp: NodeID) -> Int64 { number(tcp, .slowtimo) ?? 500_000_000 }

  func rules(of tcp: NodeID) -> TCPRules {
    var rules = TCPRules()
    rules.recovery = word(tcp, .recovery) == .newreno ? .newReno : .reno
    rules.limitedTransmit = flag(tcp, .limitedTransmit)
    rules.dupAckThreshold = Int32(clamping: number(tcp, .dupackThreshold) ?? 3)
    rules.initialWindow = Int32(clamping: number(tcp, .initialWindow) ?? 0)
    rules.rfc5961 = flag(tcp, .rfc5961)
    rules.insecureRst = flag(tcp, .insecureRst)
    rules.insecureSyn = flag(tcp, .insecureSyn)
    rules.challengeLimit = number(tcp, .challengeLimit) ?? 0
    if rules.challengeLimit > 0 { rules.rfc5961 = true }
    rules.rfc1644 = flag(tcp, .rfc1644)
    rules.randomISS = word(tcp, .iss) == .random
    rules.window = word(tcp, .window) == .fromPool ? .fromPool : .fixed
    rules.disconnectFrees = flag(tcp, .disconnectFrees)
    rules.mssDefault = Int32(clamping: number(tcp, .mssdflt) ?? 512)
    rules.wholeWrites = flag(tcp, .wholeWrites)
    rules.wholeMaxSegment = flag(tcp, .wholeMaxseg)
    setHandshake(&rules, of: tcp)
    setTimes(&rules, of: tcp)
    if let reass = tree.child(words.symbol(.reass), of: tcp) {
      rules.reassemblyCap = Int32(clamping: number(reass, .cap) ?? 0)
      rules.reassemblyTotal = Int32(clamping: number(reass, .total) ?? 0)
      rules.reassemblyTakesNext = flag(reass, .exemptNext)
    }
    return rules
  }

  private func setHandshake(_ rules: inout TCPRules, of tcp: NodeID) {
    switch word(tcp, .arrivals) {
    case .bsd44: rules.arrivals = .bsd44
    case .freebsd: rules.arrivals = .freebsd
    default: rules.arrivals = .freebsd22
    }
    rules.rfc1337 = flag(tcp, .rfc1337)
    rules.rfc5927 = flag(tcp, .rfc5927)
    rules.dropsSynFin = flag(tcp, .dropSynFin)
    switch word(tcp, .blackhole) {
    case .syns: rules.blackhole = .syns
    case .all: rules.blackhole = .all
    default: rules.blackhole = .off
    }
    rules.packsOptions = word(tcp, .optionLayout) == .packed
    rules.scalesForLargest = word(tcp, .scaleFor) == .largest
    rules.dropsOptions = flag(tcp, .dropOptions)
    switch word(tcp, .ecn) {
    case .offered: rules.ecn = .offered
    case .accepted: rules.ecn = .accepted
    default: rules.ecn = .off
    }
    rules.ecnRetries = Int32(clamping: number(tcp, .ecnRetries) ?? 1)
    rules.inheritsSending = flag(tcp, .inheritTTL)
  }

  private func setTimes(_ rules: inout TCPRules, of tcp: NodeID) {
    let beat = slowBeat(of: tcp)
    func beats(_ id: NodeID, _ word: Word) -> Int64 {
      ((number(id, word) ?? 0) + beat - 1) / beat
    }
    rules.msl = beats(tcp, .msl)
    rules.keepInit = beats(tcp, .keepinit)
    rules.rtoBase = beats(tcp, .rtoInit)
    rules.rexmitSlop = beats(tcp, .rtoSlop)
    rules.rexmtMax = beats(tcp, .rtoMax)
    rules.rtoFloor = flag(tcp, .rtoFloor)
    rules.backoffMax = number(tcp, .backoffMax) ?? 64
    rules.exactIdle = flag(tcp, .exactIdle)
    // In 16ths of a beat.
    let deviation = number(tcp, .rttdflt) ?? (number(tcp, .rtoInit) ?? 0) / 4
    rules.rttvarBase = Int32(clamping: max(deviation / (beat / 16), 1))
    rules.persistMin = beats(tcp, .persistMin)
    rules.persistMax = beats(tcp, .persistMax)
    rules.ackEverySecond = flag(tcp, .ackEverySecond)
    let delay = ownField(tcp, words.symbol(.delack))?.asBaseUnits
    rules.delayedAck = delay.map { max(1, $0 / beat) } ?? 0
    guard let timer = tree.child(words.symbol(.timer), of: tcp) else {
      rules.maxPersistIdle = 7_200_000_000_000 / beat
      return
    }
    rules.lastAckTimer = flag(timer, .lastAck)
    rules.finWait2Timer = flag(timer, .finWait2)
    rules.maxPersistIdle = beats(timer, .maxPersist)
  }
}
