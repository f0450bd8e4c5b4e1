// Sentences and examples of the kinds of IP.

extension KindNotes {
  static func internet(_ kind: String) -> Note? {
    switch kind {
    case "ip":
      return Note(
        meaning: """
          IP of a host, and ICMP: the queue before its network task, reassembly of fragments
          (`frag { cap = 16; hold = 30s }`), and counters. Datagrams longer than the link are cut.
          """,
        example: """
          lan bench { rate = 10Mbps }
          host a { nic eth0 { lan = bench } }
          host b { nic eth0 { lan = bench } }
          ping probe { from = b; to = a }
          run for 3500ms
          print a.ip.stats.received, a.ip.queue.len                 # => 4  0
          """)
    case "arp":
      return Note(
        meaning: """
          ARP of a host: how long answers are good, and how many packets wait for one that has not
          come. With `hold_timeout` they do not wait for ever. With `publish` or `proxyall` the host
          answers for others (RFC 1027).
          """,
        example: """
          lan bench { rate = 10Mbps }
          host a { nic eth0 { lan = bench } }
          run for 1s
          print a.arp.pending, a.arp.queue.drops                    # => 0  0
          """)
    case "route":
      return Note(
        meaning: """
          A way over another host, which must be told to pass packets on (`ip { forwarding =
          true }`). Who answers needs a way back. The longest prefix wins.
          """,
        example: """
          lan office { rate = 10Mbps }
          lan plant { rate = 10Mbps }
          host gate {
              nic eth0 { lan = office }
              nic eth1 { lan = plant }
              ip { forwarding = true }
          }
          host pc { nic eth0 { lan = office }; route out { via = gate } }
          host plc { nic eth0 { lan = plant }; route back { to = office; via = gate } }
          ping probe { from = pc; to = plc }
          run for 3500ms
          print probe.lost, gate.ip.stats.forwarded                 # => 0  8
          """)
    default: return nil
    }
  }
}
