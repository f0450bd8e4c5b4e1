// Every tunable of the stack that 4.4BSD and RTEMS 4.6 have is a field or a path here, in the
// language's units, and its page says what it is called there, in what unit, and with what default.

import Testing

@testable import NetLab

/// A tunable of RTEMS 4.6.1 by where it is found here. Sources below cpukit/libnetworking.
struct Tunable: Sendable, CustomTestStringConvertible {
  var kind: String
  var field: String
  var name: String
  var standard: Int64
  var unit: String

  init(_ path: String, _ name: String, _ standard: Int64, _ unit: String) {
    let parts = path.split(separator: ".", maxSplits: 1)
    kind = String(parts[0])
    field = String(parts[1])
    self.name = name
    self.standard = standard
    self.unit = unit
  }

  var testDescription: String { kind + "." + field }
}

@Suite("Tunables of BSD and RTEMS")
struct TunablesTests {
  static let slowTicks = "slow ticks (500 ms)"

  static let fields = [
    // rtems/rtems_glue.c, struct rtems_bsdnet_config
    Tunable("pool.mbufs", "mbuf_bytecount", 65536, "bytes"),
    Tunable("pool.clusters", "mbuf_cluster_bytecount", 131072, "bytes"),
    Tunable("task.priority", "network_task_priority", 100, "priority"),
    // the drivers of the MPC860, struct rtems_bsdnet_ifconfig
    Tunable("nic.rx_ring", "rbuf_count", 32, "descriptors"),
    Tunable("nic.tx_ring", "xbuf_count", 32, "descriptors"),
    Tunable("nic.ignore_broadcast", "ignore_broadcast", 0, "flag"),
    Tunable("nic.mtu", "mtu", 1500, "bytes"),
    // confdefs.h; m_clalloc and m_mballoc of rtems/rtems_glue.c
    Tunable("host.tick", "CONFIGURE_MICROSECONDS_PER_TICK", 10000, "us"),
    Tunable("pool.poll", "rtems_task_wake_after", 1, "ticks (10 ms)"),
    Tunable("pool.complains", "30 * ticks_per_second", 3000, "ticks (10 ms)"),
    // kern/uipc_socket2.c, kern/uipc_socket.c
    Tunable("sock.max", "kern.maxsockbuf", 262144, "bytes"),
    Tunable("sock.efficiency", "kern.sockbuf_waste_factor", 8, "factor"),
    Tunable("sock.backlog_max", "kern.somaxconn", 128, "connections"),
    Tunable("sock.sndlowat", "SO_SNDLOWAT", 2048, "bytes"),
    // netinet/tcp_usrreq.c, netinet/udp_usrreq.c
    Tunable("tcp.sndbuf", "net.inet.tcp.sendspace", 16384, "bytes"),
    Tunable("tcp.rcvbuf", "net.inet.tcp.recvspace", 16384, "bytes"),
    Tunable("udp.sndbuf", "net.inet.udp.maxdgram", 9216, "bytes"),
    Tunable("udp.rcvbuf", "net.inet.udp.recvspace", 41600, "bytes"),
    // netinet/tcp_timer.c
    Tunable("tcp.keepinit", "net.inet.tcp.keepinit", 150, slowTicks),
    Tunable("tcp.keepidle", "net.inet.tcp.keepidle", 14400, slowTicks),
    Tunable("tcp.keepintvl", "net.inet.tcp.keepintvl", 150, slowTicks),
    Tunable("tcp.keepcnt", "tcp_keepcnt", 8, "probes"),
    Tunable("tcp.always_keepalive", "net.inet.tcp.always_keepalive", 0, "flag"),
    Tunable("tcp.timer.max_persist", "tcp_maxpersistidle", 14400, slowTicks),
    // netinet/tcp_subr.c, netinet/tcp_input.c
    Tunable("tcp.mssdflt", "net.inet.tcp.mssdflt", 512, "bytes"),
    Tunable("tcp.rfc1323", "net.inet.tcp.rfc1323", 1, "flag"),
    Tunable("tcp.rfc1644", "net.inet.tcp.rfc1644", 1, "flag"),
    Tunable("tcp.dupack_threshold", "tcprexmtthresh", 3, "duplicate ACKs"),
    // netinet/ip_input.c, netinet/if_ether.c, net/if.c, netinet/ip.h
    Tunable("ip.queue.max", "net.inet.ip.intr_queue_maxlen", 50, "packets"),
    Tunable("arp.queue.max", "arpintrq.ifq_maxlen", 50, "packets"),
    Tunable("nic.tx.max", "ifqmaxlen", 50, "packets"),
    Tunable("ip.frag.cap", "maxnipq", 16, "datagrams"),
    Tunable("ip.frag.hold", "IPFRAGTTL", 60, slowTicks),
    // netinet/if_ether.c
    Tunable("arp.lifetime", "net.link.ether.inet.max_age", 1200, "s"),
    Tunable("arp.prune", "net.link.ether.inet.prune_intvl", 300, "s"),
    Tunable("arp.down", "net.link.ether.inet.host_down_time", 20, "s"),
    Tunable("arp.tries", "net.link.ether.inet.maxtries", 5, "requests"),
    // netinet/ip_icmp.c, netinet/in_rmx.c
    Tunable("ip.bmcastecho", "net.inet.icmp.bmcastecho", 1, "flag"),
    Tunable("ip.maskrepl", "net.inet.icmp.maskrepl", 0, "flag"),
    Tunable("ip.rtexpire", "net.inet.ip.rtexpire", 3600, "s"),
    // ftpd/ftpd.c, struct rtems_ftpd_configuration
    Tunable("ftpd.priority", "priority", 40, "priority"),
    Tunable("ftpd.tasks", "tasks_count", 1, "tasks"),
    Tunable("ftpd.idle", "idle", 0, "s"),
    Tunable("ftpd.record", "FTPD_DATASIZE", 1024, "bytes"),
  ]

  /// Not yet built. A row leaves this list with the commit that brings its field.
  static let awaited: Set<String> = []

  @Test("each tunable's page has its BSD name, unit and default beside our own", arguments: fields)
  func row(_ tunable: Tunable) throws {
    guard let cells = Self.cells(tunable) else {
      #expect(
        Self.awaited.contains(tunable.testDescription), "\(tunable.testDescription) is missing")
      return
    }
    #expect(
      !Self.awaited.contains(tunable.testDescription),
      "\(tunable.testDescription) is there: take it out of `awaited`")
    #expect(cells["in BSD or RTEMS"] == tunable.name)
    #expect(cells["its default"] == "\(tunable.standard)")
    #expect(cells["its unit"] == tunable.unit)
    #expect(cells["default"]?.isEmpty == false, "its own default belongs beside it")
  }

  @Test("tcp_maxidle, which BSD derives from two others, is a path")
  func derived() {
    let paths = KindPages.measurements(Schema.tcp).map(\.path)
    #expect(paths.contains("maxidle") != Self.awaited.contains("tcp.maxidle"))
  }

  /// By heading, the cells of the row on a page.
  private static func cells(_ tunable: Tunable) -> [String: String]? {
    guard let page = KindPages.all().first(where: { $0.name == tunable.kind }),
      let section = page.sections.first(where: { $0.title == "Fields" }),
      let row = section.rows.first(where: { $0[0] == tunable.field })
    else { return nil }
    return Dictionary(uniqueKeysWithValues: zip(section.columns, row))
  }

  /// Those whose default differs here on purpose: a host without a preset is a roomy peer, and
  /// speaks no T/TCP.
  static let roomier: Set<String> = ["pool.mbufs", "pool.clusters", "tcp.rfc1644"]

  @Test("a default here is BSD's, counted in our units, but for those of a peer")
  func same() {
    for kind in Schema.kinds {
      for (path, field) in KindPages.fields(kind) {
        guard let theirs = field.origin.standard, let ours = Self.number(field.standard) else {
          continue
        }
        let path = kind.word.rawValue + "." + path
        let isSame = ours == theirs * field.origin.unit.size
        #expect(isSame != Self.roomier.contains(path), "\(path): \(ours)")
      }
    }
  }

  private static func number(_ standard: Standard) -> Int64? {
    switch standard {
    case .bool(let value): value ? 1 : 0
    case .count(let value), .octets(let value), .nanoseconds(let value), .bitsPerSecond(let value):
      value
    case .required, .derived, .rule, .symbol: nil
    }
  }
}
