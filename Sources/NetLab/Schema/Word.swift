// Every name the schema knows, as an enumeration: kinds, fields, symbols, paths, events, methods.
//
// The table translates both ways between them and a VM's symbols, so that paths are resolved by a
// `switch` and not by comparing text.

import NetScript

public enum Word: String, CaseIterable, Sendable {
  case root
  // Kinds.
  case lan, link, host, cpu, pool, nic, tcp, udp, sock, ip, arp, task, lock
  // Fields.
  case rate, delay, jitter, ordered, partition
  case medium, shared, switched, learns
  case stack, tick, ticks, needed, timeslice
  case factor, interrupt, rx, tcpIn = "tcp_in", tcpOut = "tcp_out", syscall, copy
  case switchCost = "switch"
  case mbufs, clusters, allocator, waiting
  case copybreak, retry, abandon, running, suspended
  case up, rxRing = "rx_ring", txRing = "tx_ring", refill, tx
  case keepidle, keepintvl, keepcnt, alwaysKeepalive = "always_keepalive", dropFrees = "drop_frees",
    sendFrees = "send_frees"
  case sndbuf, rcvbuf, rfc1323, rtoMin = "rto_min"
  // Rules of TCP.
  case recovery, reno, newreno, sack, limitedTransmit = "limited_transmit",
    dupackThreshold = "dupack_threshold", initialWindow = "initial_window", rfc5961,
    challengeLimit = "challenge_limit"
  case slowtimo, fasttimo, delack, ackEverySecond = "ack_every_second", keepinit, msl,
    rtoInit = "rto_init", rttdflt, rtoMax = "rto_max", rtoFloor = "rto_floor",
    persistMin = "persist_min", persistMax = "persist_max"
  case window, fixed, fromPool = "from_pool", disconnectFrees = "disconnect_frees", mssdflt
  case cap, exemptNext = "exempt_next", overflows, refusedNext = "refused_next"
  case lastAck = "last_ack", finWait2 = "fin_wait_2", maxPersist = "max_persist"
  case maxidle, rfc1644, iss, random, zeroWindows = "zero_windows"
  case arrivals, freebsd22, bsd44, freebsd
  case insecureRst = "insecure_rst", insecureSyn = "insecure_syn", rfc1337, rfc5927,
    dropSynFin = "drop_synfin", blackhole, off, syns, rtoSlop = "rto_slop",
    optionLayout = "option_layout", padded, packed, scaleFor = "scale_for", largest,
    dropOptions = "drop_options", ecn, offered, accepted, ecnRetries = "ecn_retries",
    inheritTTL = "inherit_ttl", wholeWrites = "whole_writes", wholeMaxseg = "whole_maxseg",
    backoffMax = "backoff_max", exactIdle = "exact_idle"
  case phase, dupAcks = "dup_acks", recoveries, delayedAcks = "delayed_acks",
    windowProbes = "window_probes", badOptions = "bad_options", sackBad = "sack_bad",
    sackOverflows = "sack_overflows", dsacks, challenges,
    challengesSuppressed = "challenges_suppressed"
  case efficiency, max
  case priority, role, starts, active, cost
  case inherit, unnest, all
  case capacity, dropNew = "drop_new", dropOld = "drop_old", exitCloses = "exit_closes"
  // Engine tasks and the lock.
  case ntwk, network
  // Enumeration members.
  case bsd, nothing = "none", wait, reuse, poll, fifo, event, spin, broadcast, icmp, never, fast,
    endless
  // Paths.
  case total, free, used, peak, waiters, denied, waits, bytes, freeBytes = "free_bytes"
  case held, cluster, holder, refs, age
  case ring, ipq, arpq, arphold, ifq, txring, reass, hand, leaked
  case posted, filled, frames, overruns, refillWaits = "refill_waits", queued, pinned, drops,
    refillDrops = "refill_drops"
  case queue, len, stats, pending
  case conn, state, peer, cwnd, ssthresh, rto, rxtshift, idle, error, mss
  case snd, rcv, cc, una, nxt, wnd, timer, rexmt, persist, keep, msl2
  case drift, interrupted
  case fullDrops = "full_drops", owner, waitingFor = "waiting_for", blockedFor = "blocked_for",
    util, octets
  case port, address, mac, sndwait
  // Counters of ip.stats and tcp.stats.
  case received, sent, badChecksums = "bad_checksums", noPort = "no_port", retransmits, timeouts,
    duplicates, outOfOrder = "out_of_order"
  // Events.
  case alloc, grant, deny, exhausted, frame, overrun, refillWait = "refill_wait", drop
  case incoming = "in"
  case out, ack, probe, append, full, wake, block, run, lost, console, count, last
  // Fields of events.
  case at, seq, size, reason, who, waited, from, to, bufferClass = "class"
  // Methods.
  case bind, listen, connect, accept, write, read, sendto, recvfrom, close, shutdown, abort
  case setsockopt, getsockopt, send, start, stop, progress
  case unlock, put, get, readline, nonblock, recv
  case replay, file
  case drill, strictness, strict, synOptions = "syn_options", options, defines, trailing
  case passed, finished, line
  // Options of sockets, and of calls on them.
  case nodelay, noopt, nopush, maxseg, keepalive, linger, sndlowat, rcvlowat, sndtimeo, rcvtimeo
  case reuseaddr, reuseport, oobinline, atmark, nread, both
  case oob, peek, waitall, dontwait
  case raw, tos, hdrincl, multicastTTL = "multicast_ttl", multicastLoop = "multicast_loop",
    addMembership = "add_membership", dropMembership = "drop_membership"
  case backlogMax = "backlog_max", wakesOnClose = "wakes_on_close"
  case selectWrite = "select_write", pathMTUDiscovery = "path_mtu_discovery"
  case icmpMayReset = "icmp_may_rst", listenDrops = "listen_drops", mtuResent = "mtu_resent"
  // IP, ARP and what lies beside them.
  case route, via
  case forwarding, ttl, sourceroute, redirects, rtexpire, frag, hold, bmcastecho
  case maskrepl
  case icmpLimit = "icmp_limit", protoUnreach = "proto_unreach", report
  case lifetime, prune, down, tries, holdTimeout = "hold_timeout", freesHeld = "frees_held",
    checksum
  case queues, tooShort = "too_short", tooSmall = "too_small", tooLong = "too_long",
    badVersions = "bad_versions", badHeaders = "bad_headers", badLengths = "bad_lengths",
    badCodes = "bad_codes", fragments, fragDropped = "frag_dropped",
    fragTimeouts = "frag_timeouts", reassembled, delivered, notMember = "not_member",
    noProtocol = "no_protocol", noRoute = "no_route", forwarded, notForwarded = "not_forwarded",
    redirected, outDropped = "out_dropped", fragmented, fragSent = "frag_sent",
    notFragmented = "not_fragmented", errors, limited, answered, noSum = "no_sum",
    igmp, proxied, publish, proxyall, queries, reports, suppressed,
    noPortBroadcast = "no_port_broadcast", requests, replies, asked, moved
  // Uses of further pools.
  case serves, socket, app
  // Drivers.
  case zeroCopy = "zero_copy", refillCost = "refill_cost", credits
  case refillOrder = "refill_order", after, before, irq, level, edge, mode, quota
  case onEmpty = "on_empty", suspend, kick, suspensions, mtu
  case crc, scatter, crcErrors = "crc_errors"
  case refillFrom = "refill_from", takers
  case sendFrom = "send_from"
  case complains, waitTimeout = "wait_timeout"
  case ignoreBroadcast = "ignore_broadcast", filtered
  case reap, lazy, onFull = "on_full", ringDrops = "ring_drops"
  // Fault points.
  case fault, onFail = "on_fail", release, fails, answersARP = "answers_arp"
  case timeout, backlog
  // Roots that are no declaration.
  case now, seed, caseName = "case_name"
  case proto, sport, src
  case main
}

/// Both directions between symbols and words. Plain memory that all runs read: an array's count
/// would be taken by all cores.
struct WordTable: @unchecked Sendable {
  private let symbols: UnsafeMutablePointer<Symbol>
  /// By symbol number.
  private let words: UnsafeMutablePointer<Word?>
  private let count: Int

  static let shared = WordTable(SymbolTable(names))

  /// What the symbols of every program begin with: the words, and what else a bench looks up when
  /// it is made, so that its own table of symbols stays the program's.
  static let names =
    Word.allCases.map { $0.rawValue } + ErrorValues.names + EventShape.names
    + FrameField.allCases.map { $0.name }

  private init(_ table: SymbolTable) {
    var table = table
    count = table.count
    symbols = .allocate(capacity: Word.allCases.count)
    words = .allocate(capacity: count)
    words.initialize(repeating: nil, count: count)
    for word in Word.allCases {
      let symbol = table.intern(word.rawValue)
      symbols.advanced(by: WordTable.place(word)).initialize(to: symbol)
      words[Int(symbol.rawValue & 0x7FFF_FFFF)] = word
    }
  }

  @inline(__always)
  func symbol(_ word: Word) -> Symbol { symbols[WordTable.place(word)] }

  /// The word behind a symbol, or nil for names that only the script knows.
  @inline(__always)
  func word(_ symbol: Symbol) -> Word? {
    let number = Int(symbol.rawValue & 0x7FFF_FFFF)
    return number < count ? words[number] : nil
  }

  /// Enumerations without payload are numbered in the order of their cases, in two octets beyond
  /// 256 of them.
  @inline(__always)
  private static func place(_ word: Word) -> Int {
    withUnsafeBytes(of: word) { octets in
      octets.count == 1 ? Int(octets[0]) : Int(octets.load(as: UInt16.self))
    }
  }
}
