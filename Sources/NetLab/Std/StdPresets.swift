// std/presets and std/policies: what a stock system has, and who may have a buffer next.

enum StdPresets {
  static let source = #"""
    ## Stock systems. A preset is never edited: a corrected figure gets a new name.

    ## RTEMS 4.6 on a 50 MHz MPC860, as it comes: 512 mbufs, 64 clusters, network tasks at priority
    ## 100, a tick of 10 ms. The CPU times are an assumption (caches on); `factor = 6` turns them
    ## off.
    preset rtems46 {
        tick = 10ms
        cpu {
            switch = 15us; interrupt = 10us; rx = 40us; ip = 25us
            tcp_in = 80us; tcp_out = 90us; udp = 40us; syscall = 20us; copy = 25MB/s
        }
        pool { mbufs = 64KiB; clusters = 128KiB }
        tcp {
            keepidle = 2h; keepintvl = 75s; keepcnt = 8; always_keepalive = false
            drop_frees = false; send_frees = false
            sndbuf = 16KiB; rcvbuf = 16KiB; rfc1323 = true; rto_min = 1s
        }
        udp { rcvbuf = 41600B; sndbuf = 9216B }
        sock { efficiency = 8; max = 256KiB }
        task rx { priority = 100 }
        task tx { priority = 100 }
        task ntwk { priority = 100 }
    }

    ## A 4.4BSD workstation: the kernel's work goes before every program.
    preset bsd44 {
        tick = 10ms
        pool { mbufs = 8192; clusters = 1024 }
        tcp { sndbuf = 16KiB; rcvbuf = 16KiB }
        task rx { priority = 10 }
        task tx { priority = 10 }
        task ntwk { priority = 10 }
    }

    ## The host without a preset: the same stack with ample pools, which costs no CPU time.
    preset peer {
        pool { mbufs = 4096; clusters = 1024 }
    }

    ## A Linux peer as far as its window tells it from others: larger buffers, RFC 1323 on.
    preset linux_peer {
        pool { mbufs = 16384; clusters = 4096 }
        tcp { sndbuf = 64KiB; rcvbuf = 87380B; rfc1323 = true; rto_min = 500ms }
    }
    """#
}

enum StdPolicies {
  static let source = #"""
    ## Allocation policies: who may have a buffer next.

    ## The stock: whoever asks while one is free has it.
    policy first_come() {
        on request(r) {
            if r.free > 0 { return .grant }
            return if r.may_wait then .wait else .deny
        }
    }

    ## While the receive task waits for a buffer, nobody else may have one.
    ## `asked = .when_empty` asks only inside the wait, not on every request.
    policy receiver_first(asked = .always) {
        consult = asked
        var is_waiting = false
        on request(r) {
            if r.who == .rx and r.free == 0 { is_waiting = true }
            let may_have = r.free > 0 and (r.who == .rx or not is_waiting)
            if may_have { return .grant }
            return if r.may_wait then .wait else .deny
        }
        on grant(r) { if r.who == .rx { is_waiting = false } }
    }
    """#
}

/// The files that `import "std/…"` finds.
public enum StandardLibrary {
  /// In scope in every script without an import.
  public static let prelude = ["std/apps"]

  public static func source(_ path: String) -> String? {
    switch path {
    case "std/apps": return StdApps.source
    case "std/presets": return StdPresets.source
    case "std/policies": return StdPolicies.source
    default: return nil
    }
  }

  public static let names = ["std/apps", "std/presets", "std/policies"]
}
