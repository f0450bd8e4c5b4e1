// Scripts that use the buffer layers of std/: one host has such a stack, the other the engine's.

extension KindNotes {
  static func layers(_ kind: String) -> Note? {
    switch kind {
    case "tcb": return Note(example: segments)
    case "nuttx.stack", "tcp_conn": return stack("nuttx", tcp, pool: "iob", 36)
    case "zephyr.stack", "context": return stack("zephyr", tcp, pool: "tx_bufs", 36)
    case "lwip.stack", "tcp_pcb": return stack("lwip", tcp, pool: "heap", 25)
    case "udp_conn": return stack("nuttx", udp, pool: "iob", 36)
    case "udp_context": return stack("zephyr", udp, pool: "tx_bufs", 36)
    case "udp_pcb": return stack("lwip", udp, pool: "heap", 25)
    default: return nil
    }
  }

  private static let tcp = """
    let s = net.socket(.tcp)
                if failed(s.connect(b, 9)) { return }
                s.send(10KB)
                s.close()
    """
  private static let udp = "net.socket(.udp).send_to(b, 9, 100B)"

  private static func stack(
    _ module: String, _ calls: String, pool: String, _ count: Int
  ) -> Note {
    let (name, sent) = calls == tcp ? ("tcp", "10KB") : ("udp", "100B")
    return Note(
      example: """
        import "std/\(module)"
        lan bench { rate = 10Mbps }
        host a {
            stack = .none
            nic eth0 { lan = bench }
            \(module).stack net { nic = a.eth0 }
            task app {
                fn main() {
                    \(calls)
                }
            }
        }
        host b { nic eth0 { lan = bench } }
        sink door { host = b; \(name) = 9 }
        run for 5s
        print door.received == \(sent), a.net.\(pool).free    # => true  \(count)
        """)
  }

  private static let segments = """
    import "std/segments"
    lan bench { rate = 10Mbps }
    host a { nic eth0 { lan = bench } }
    segments.tcb t { rto = 1s }
    run for 1s
    t.begin(.syn_sent, a, 80, 1024)
    t.sent(1)
    print segments.ahead(3, 4294967295), t.due, t.is_opening()    # => 4  2s  true
    """
}
