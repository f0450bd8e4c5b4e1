// What the schema's tables have no room for: a sentence on each kind, and a script that uses it.

/// Tests run every example that needs no file, and hold that each kind has one.
enum KindNotes {
  struct Note {
    var meaning = ""
    var example = ""
    /// It needs a file that is not here, so nobody runs it.
    var needsFile = false
  }

  static func note(_ kind: String) -> Note {
    hardware(kind) ?? buffers(kind) ?? protocols(kind) ?? internet(kind) ?? programs(kind)
      ?? played(kind) ?? library(kind) ?? layers(kind) ?? Note()
  }

  static func method(_ word: Word) -> (call: String, meaning: String) {
    switch word {
    case .start: return ("start()", "calls `main` afresh")
    case .stop:
      return ("stop()", "ends it where it waits, unless that is inside the allocator")
    case .send:
      return (
        "send(frame, wait = true, timeout = none)",
        "of a station without a stack: puts a frame on the medium; a task waits for room in "
          + "`tx_ring`, else it is `.ENOBUFS`"
      )
    case .alloc:
      return (
        "alloc(wait = true, timeout = none, who = none, conn = none)",
        "a buffer, or `.ENOBUFS`; `b.free()` ends it. `who` and `conn` are what a policy sees"
      )
    case .recv:
      return (
        "recv(test = none, timeout = none)",
        "of a station without a stack: the next frame for which the test is true"
      )
    case .lock:
      return ("lock(timeout = none)", "waits until it is free: `none`, or `.ETIMEDOUT`")
    case .unlock: return ("unlock()", "gives it to the next; only its owner can")
    case .put:
      return (
        "put(x, wait = true, timeout = none)",
        "`none`, or `.EAGAIN` when there is no room and it may not wait"
      )
    case .get: return ("get(timeout = none)", "the oldest item; waits for one")
    default: return (word.rawValue + "()", "")
    }
  }

  private static func hardware(_ kind: String) -> Note? {
    switch kind {
    case "lan":
      return Note(
        meaning: """
          A medium for many. Shared: one frame at a time, first come, first served; 8 octets of
          preamble and a gap of 12; there are no collisions. Switched: a cable to each host, and a
          switch that takes each frame in whole and queues it at the output of its receiver. Its
          hosts get the addresses 10.0.L.H: the L-th medium, the H-th host on it.
          """,
        example: """
          lan office { rate = 10Mbps; delay = 50us }
          host a { nic eth0 { lan = office } }
          host b { nic eth0 { lan = office } }
          bulk copy { from = a; to = b; size = 100KB }
          run for 1s
          print office.frames > 100, office.octets > 100KB          # => true  true
          """)
    case "link":
      return Note(
        meaning: "A cable between two interfaces, with its own rate in each direction.",
        example: """
          link cable { rate = 100Mbps; delay = 5ms }
          host a { nic eth0 { lan = cable } }
          host b { nic eth0 { lan = cable } }
          ping probe { from = a; to = b }
          run for 3s
          print probe.rtt >= 10ms                                   # => true
          """)
    case "host":
      return Note(
        meaning: """
          A machine with a 4.4BSD stack, or with none. In it stand its interfaces, its tasks and
          the groups `cpu pool tcp udp sock ip arp`, which are there without a declaration. Without
          a preset it is a peer: ample pools, no CPU cost.
          """,
        example: """
          import "std/presets"
          lan bench { rate = 10Mbps }
          host server : presets.rtems46 { nic eth0 { lan = bench } }
          run for 1s
          print server.pool.clusters.total, server.eth0.address     # => 64  10.0.1.1
          """)
    case "cpu":
      return Note(
        meaning: "What each step of the host costs in CPU time. Unset: nothing.",
        example: """
          lan bench { rate = 10Mbps }
          host slow { cpu { factor = 2; syscall = 20us }; nic eth0 { lan = bench } }
          task busy { host = slow; fn main() { compute(100ms) } }
          run for 1s
          print busy.cpu, slow.cpu.idle                             # => 200ms  80%
          """)
    default: return nil
    }
  }

  private static func buffers(_ kind: String) -> Note? {
    switch kind {
    case "pool":
      return Note(
        meaning: "The network buffers of a host: mbufs of 128 octets and clusters of 2 KiB.",
        example: """
          lan bench { rate = 10Mbps }
          host small {
              pool { mbufs = 64KiB; clusters = 64 }
              nic eth0 { lan = bench; rx_ring = 16 }
          }
          run for 1s
          print small.pool.mbufs.total, small.pool.clusters.free    # => 512  48
          print small.pool.held[.ring], small.pool.bytes -> KiB     # => 16  192KiB
          """)
    case "class":
      return Note(
        meaning: """
          A further pool: equal buffers that tasks take and free. Written `pool NAME` in a host,
          and `class NAME` in its own pool. The stack does not know of it.
          """,
        example: """
          host board { stack = .none; pool cells { count = 4; size = 64B } }
          task hoard {
              host = board
              fn main() { for i in 1..3 { board.cells.alloc() }; sleep(1h) }
          }
          run for 1s
          print board.cells.total, board.cells.free, board.cells.bytes      # => 4  1  256B
          """)
    case "nic":
      return Note(
        meaning: "An Ethernet interface with a receive and a transmit ring.",
        example: """
          lan bench { rate = 10Mbps }
          host a { nic eth0 { lan = bench; rx_ring = 8; refill = .reuse } }
          host b { nic eth0 { lan = bench } }
          ping probe { from = b; to = a }
          run for 3s
          print a.eth0.rx.frames, a.eth0.rx.posted                  # => 4  8
          """)
    default: return nil
    }
  }

  private static func protocols(_ kind: String) -> Note? {
    switch kind {
    case "tcp":
      return Note(
        meaning: "TCP of a host: its tunables, its connections and its counters.",
        example: """
          lan bench { rate = 10Mbps }
          host a { tcp { sndbuf = 8KiB }; nic eth0 { lan = bench } }
          host b { nic eth0 { lan = bench } }
          bulk copy { from = a; to = b; port = 20 }
          on a.tcp.state(e) if e.reason == .established {
              print "{e.conn.peer} is up"                           # => b is up
          }
          run for 1s
          print a.tcp.conn[0].state, a.tcp.conn[0].peer             # => .established  b
          """)
    case "udp":
      return Note(
        meaning: "UDP of a host.",
        example: """
          lan bench { rate = 10Mbps }
          host a { nic eth0 { lan = bench } }
          host b { udp { rcvbuf = 2KiB }; nic eth0 { lan = bench } }
          sink deaf { host = b; udp = 5000; read = .never }
          cbr feed { from = a; to = b; udp = 5000; size = 200B; rate = 50/s }
          run for 1s
          print b.udp.sock[5000].full_drops > 0                     # => true
          """)
    case "sock":
      return Note(
        meaning: "Rules that all sockets of a host share.",
        example: """
          lan bench { rate = 10Mbps }
          host a { sock { efficiency = 2 }; nic eth0 { lan = bench } }
          run for 1s
          print a.sock.efficiency, a.sock.wake.count                # => 2  0
          """)
    default: return nil
    }
  }

  private static func programs(_ kind: String) -> Note? {
    switch kind {
    case "task":
      return Note(
        meaning: """
          A program that a host runs: `fn main()` is called at `starts`. Its calls are those of a
          socket application. The tasks `rx tx ntwk` of the engine are there in each host with a
          stack; naming one changes its priority. What it declares with `var` is a path.
          """,
        example: """
          lan bench { rate = 10Mbps }
          host a { nic eth0 { lan = bench } }
          task clock {
              host = a
              var ticks = 0
              fn main() { while true { sleep(100ms); ticks += 1 } }
          }
          run for 1050ms
          print clock.ticks, clock.state                            # => 10  .sleeping
          """)
    case "lock":
      return Note(
        meaning: """
          A mutual exclusion in a host. `network`, the network semaphore, is there in each host
          with a stack.
          """,
        example: """
          lan bench { rate = 10Mbps }
          host a { lock flash; nic eth0 { lan = bench } }
          task slow { host = a; fn main() { a.flash.lock(); sleep(1s); a.flash.unlock() } }
          task next {
              host = a
              var got = 0s
              fn main() { sleep(10ms); a.flash.lock(); got = now }
          }
          run for 500ms
          print a.flash.owner, a.flash.queue                        # => slow  [next]
          run for 1s
          print next.got                                            # => 1s
          """)
    case "queue":
      return Note(
        meaning: """
          A mailbox between the tasks of a host. It holds any values; a queue of functions and a
          task that calls them is a serial work queue.
          """,
        example: """
          lan bench { rate = 10Mbps }
          host a { queue work { capacity = 2; full = .drop_new }; nic eth0 { lan = bench } }
          task maker { host = a; fn main() { for i in 1..5 { a.work.put(i) } } }
          task taker { host = a; starts = 10ms; fn main() { print a.work.get() } }    # => 1
          run for 1s
          print a.work.len, a.work.drops, a.work.peak               # => 1  3  2
          """)
    default: return nil
    }
  }

  /// Files that are played against a host.
  private static func played(_ kind: String) -> Note? {
    switch kind {
    case "replay":
      return Note(
        meaning: "Frames from a capture, put on a medium at the times at which they were caught.",
        example: """
          lan office { rate = 10Mbps }
          host server { nic eth0 { lan = office } }
          replay monday { file = "monday.pcapng"; lan = office }
          run for 10s
          print monday.sent, monday.drops
          """, needsFile: true)
    case "drill":
      return Note(
        meaning: """
          A packetdrill script against a host: its packets come from a station of its own, its
          socket calls are made by a task on the host, and what the host sends is compared with
          what it expects. `netsh pkt` makes such a lab for each script that it is given.
          """,
        example: """
          import "std/presets"
          lan wire { rate = 1Gbps }
          host dut : presets.freebsd { nic eth0 { lan = wire; refill = .reuse } }
          drill syn { file = "syn.pkt"; host = dut; lan = wire }
          run until syn.finished
          expect syn.passed
          """, needsFile: true)
    default: return nil
    }
  }
}
