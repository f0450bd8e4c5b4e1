// What `show` tells of a node, and the paths of connections.

import Testing

@testable import NetLab

@Suite("Show")
struct ShowTests {
  /// A transfer that a reader who never reads has stopped.
  private func shown(_ statement: String) -> [String] {
    let run = result(
      ofScript: """
        case "transfer" {
            lan office { rate = 10Mbps }
            host server { nic eth0 { lan = office }; tcp { rfc1323 = false } }
            host client { nic eth0 { lan = office } }
            bulk up { from = server; to = client; read = .never; write = 1KiB }
            run for 5s
            \(statement)
        }
        """)
    #expect(run.faultText == nil)
    return run.lines
  }

  @Test("an interface shows its settings, its rings and its addresses")
  func interface() {
    let lines = shown("show server.eth0")
    #expect(lines[0] == "server.eth0")
    #expect(lines[1] == "       lan office · up true · rx_ring 32 · tx_ring 32 · refill .wait")
    #expect(
      lines[2] == "       refill_order .after · copybreak 0B · zero_copy true · refill_cost 0s")
    #expect(
      lines[3] == "       irq .level · mode .interrupt · quota 5 · on_empty .run · kick true")
    #expect(lines[4] == "       mtu 1500 · scatter false · crc false · ignore_broadcast false")
    #expect(lines[5] == "       answers_arp true")
    #expect(lines[6] == "  now  address 10.0.1.1 · mac 02:00:00:00:01:01")
    #expect(lines.contains { $0.hasPrefix("  rx   posted 32 · filled 0 · frames ") })
    #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 })
  }

  @Test("a connection is called by its place in the list, however it was come by")
  func connection() {
    let byPlace = shown("show server.tcp.conn[0]")
    #expect(byPlace[0] == "server.tcp.conn[0]")
    #expect(byPlace.contains { $0.hasPrefix("  snd    cc ") })
    #expect(shown("show server.tcp.conn") == byPlace)
    #expect(shown("for c in server.tcp.conn[*] { show c }") == byPlace)
    #expect(shown("print server.tcp.conn[0].snd.wnd, server.tcp.conn[1].snd.wnd") == ["436B  none"])
  }

  @Test("an instance shows what was set, what it measures and what it is made of")
  func instance() {
    let lines = shown("show up")
    #expect(lines[0] == "up")
    #expect(lines[1].hasPrefix("         from server · to client · port 20 · sessions 1"))
    #expect(lines.contains { $0.contains("read .never") })
    #expect(lines.last == "  holds  end · writer[1]")
  }

  @Test("events are shown where the script counts them")
  func events() {
    #expect(!shown("show office").contains { $0.contains("events") })
    let lines = shown("print office.frame.count\nshow office")
    #expect(lines.last == "  events  frame \(lines[0])")
  }
}
