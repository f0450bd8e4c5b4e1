// What the fields of a soak's hosts may be. An empty value leaves a field as it is; what stands
// several times is drawn more often.

extension SoakDrawing {
  struct Field {
    let name: String
    let values: [String]
    init(_ name: String, _ values: String...) {
      self.name = name
      self.values = values
    }
  }

  static let presets = [
    "rtems46", "rtems46", "rtems5", "bsd44", "freebsd22", "freebsd", "freebsd", "lwip_like",
    "peer", "linux_peer",
  ]

  static let hostFields = [
    Field("ticks", ".needed", ".all"),
    Field("tick", "1ms", "10ms"),
    Field("timeslice", "", "", "20ms"),
    Field("network.unnest", "true", "false"),
    Field("network.inherit", "true", "true", "false"),
  ]

  static let cpuFields = [Field("factor", "0", "", "", "6")]

  static let nicFields = [
    Field("tx_ring", "4", "8", "32"),
    Field("copybreak", "", "", "64B", "100B"),
    Field("refill_order", "", "", ".before"),
    Field("irq", "", "", ".edge"),
    Field("mode", "", "", "", ".poll"),
    Field("quota", "", "1", "5"),
    Field("on_empty", "", "", ".suspend"),
    Field("kick", "", "", "", "", "false"),
    Field("mtu", "", "", "", "296", "576", "1006"),
    Field("answers_arp", "", "", "", "", "", "", "", "false"),
    Field("ignore_broadcast", "", "", "", "true"),
  ]

  static let txFields = [
    Field("on_fail", "", ".keep"),
    Field("credits", "", "", "", "2"),
    Field("reap", "", "", ".irq"),
    Field("on_full", "", "", ".drop"),
    Field("max", "", "", "", "3"),
  ]

  /// Each is set on a host in five of a hundred.
  static let assignments = [
    "tcp.always_keepalive = true", "tcp.keepidle = 3s", "tcp.keepintvl = 1s",
    "tcp.drop_frees = true", "tcp.send_frees = true", "tcp.disconnect_frees = true",
    "tcp.sndbuf = 4KiB", "tcp.sndbuf = 32KiB", "tcp.rcvbuf = 2KiB", "tcp.rfc1323 = false",
    "tcp.recovery = .newreno", "tcp.limited_transmit = true", "tcp.initial_window = 10",
    "tcp.rfc5961 = true", "tcp.challenge_limit = 2/s", "tcp.rfc1644 = true", "tcp.iss = .random",
    "tcp.delack = 40ms", "tcp.ack_every_second = true", "tcp.keepinit = 2s", "tcp.msl = 500ms",
    "tcp.rto_floor = true", "tcp.rto_max = 2s", "tcp.persist_min = 500ms",
    "tcp.window = .from_pool", "tcp.path_mtu_discovery = false", "tcp.reass.cap = 2",
    "tcp.reass.total = 3", "tcp.reass.exempt_next = false", "tcp.timer.last_ack = false",
    "tcp.timer.fin_wait_2 = false", "tcp.timer.max_persist = 2s",
    "udp.rcvbuf = 2KiB", "udp.sndbuf = 1KiB", "udp.checksum = false", "sock.efficiency = 2",
    "sock.select_write = false", "sock.wakes_on_close = true", "sock.backlog_max = 1",
    "arp.lifetime = 2s", "arp.prune = 1s", "arp.tries = 2", "arp.hold = 3",
    "arp.hold_timeout = 700ms", "arp.frees_held = true", "arp.queue.max = 2",
    "ip.ttl = 2", "ip.frag.cap = 1", "ip.frag.hold = 1s", "ip.frag.fragments = 3",
    "ip.frag.report = true", "ip.queue.max = 3", "ip.redirects = false", "ip.icmp_limit = 5",
    "ip.proto_unreach = true", "ip.rtexpire = 3s",
    "pool.allocator = policies.receiver_first", "pool.allocator = policies.reserve(3)",
    "pool.allocator = policies.receiver_first(.when_empty)",
    "pool.allocator = policies.per_socket_quota(4)", "pool.mbufs.allocator = policies.reserve(9)",
    "pool.fault = craft.chance(1%, .deny)", "pool.fault = craft.each(97, .deny)",
    "pool.mbufs.fault = craft.chance(1%, .deny)",
    "pool.release = fn(b) => if b.why == .acked and b.age > 2s then .leak else .free",
    "pool.wake = craft.chance(5%, .lose)",
  ]

  /// Draws a line for each field that is set.
  mutating func lines(of fields: [Field], _ indent: String) -> [String] {
    fields.compactMap { field in
      let value = random.pick(field.values)
      return value.isEmpty ? nil : "\(indent)\(field.name) = \(value)"
    }
  }

  mutating func settings(of host: Int) -> [String] {
    Self.assignments.filter { _ in random.chance(5) }.map { "h\(host).\($0)" }
  }
}
