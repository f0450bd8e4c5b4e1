// Scripts that use the kinds of std/; what these mean stands in their own comments.

extension KindNotes {
  static func library(_ kind: String) -> Note? {
    guard let rest = lines(kind) else { return nil }
    return Note(
      example: """
        \(heads(kind))
        lan bench { rate = 10Mbps }
        host a { \(kind.hasPrefix("raw") ? "stack = .none; " : "")nic eth0 { lan = bench } }
        host b { nic eth0 { lan = bench } }
        \(rest)
        """)
  }

  /// What a field of theirs is in RTEMS: rtems_ftpd_configuration of ftpd/ftpd.h, and its defaults
  /// in ftpd/ftpd.c.
  static func original(_ kind: String, _ field: String) -> Original {
    switch (kind, field) {
    case ("ftpd", "tasks"): Original("tasks_count", 1, .counted("tasks"))
    case ("ftpd", "priority"): Original("priority", 40, .priority)
    case ("ftpd", "idle"): Original("idle", 0, .seconds)
    case ("ftpd", "record"): Original("FTPD_DATASIZE", 1024, .bytes)
    default: .none
    }
  }

  /// What has to be imported.
  private static func heads(_ kind: String) -> String {
    switch kind {
    case "ftpd", "ftp": return "import \"std/ftp\" as files"
    case "rawtcp", "rawserver": return "import \"std/craft\""
    default: return "# Two hosts on one medium."
    }
  }

  /// What stands below a bench of two hosts, `a` and `b`.
  private static func lines(_ kind: String) -> String? {
    switch kind {
    case "sink":
      return """
        sink door { host = b; tcp = 7 }
        bulk copy { from = a; to = b; port = 8; size = 10KB }
        run for 1s
        print door.received, copy.end.received -> KB              # => 0B  10KB
        """
    case "bulk":
      return """
        bulk copy { from = a; to = b; size = 1MB; write = 1KiB }
        expect eventually copy.received() == 1MB within 2s
        run for 2s
        print copy.sent -> MB, copy.errors                        # => 1MB  0
        """
    case "rpc":
      return """
        rpc calls { from = a; to = b; rate = 20/s; work = 1ms }
        run for 10s
        print calls.calls > 20, calls.errors                      # => true  0
        """
    case "cbr":
      return """
        sink door { host = b; udp = 5000 }
        cbr feed { from = a; to = b; udp = 5000; size = 200B; rate = 50/s }
        run for 1010ms
        print feed.sent, door.received -> KB                      # => 50  10KB
        """
    case "chatter":
      return """
        chatter pcs { lan = bench; rate = 40/s; size = 100B }
        run for 10s
        print pcs.frames > 300, bench.frames > 300                # => true  true
        """
    case "ping":
      return """
        ping probe { from = a; to = b; interval = 100ms }
        run for 1s
        print probe.answered, probe.lost                          # => 10  0
        """
    case "ftpd", "ftp":
      return """
        files.ftpd server { host = a; record = files.file(10KB) }
        files.ftp client { from = a; to = b; pause = 1s }
        run for 10s
        print client.files > 3, client.errors, server.aborted     # => true  0  0
        """
    default: return craftedLines(kind)
    }
  }

  private static func craftedLines(_ kind: String) -> String? {
    switch kind {
    case "rawtcp":
      return """
        sink door { host = b; tcp = 7 }
        craft.rawtcp peer { host = a; to = b; port = 7 }
        task script {
            host = a
            fn main() {
                print peer.connect()                              # => true
                peer.send(flags = "PA", len = 100B)
            }
        }
        run for 1s
        print door.received, peer.peer_win -> KiB                 # => 100B  16KiB
        """
    case "rawserver":
      return """
        craft.rawserver peer { host = a; port = 7; win = fn(got) => max(4KiB - got, 0B) }
        task copy {
            host = b
            fn main() {
                let s = socket(.tcp)
                s.connect(a, 7)
                while not failed(s.write(1KiB)) { }
            }
        }
        run for 1min
        print peer.received -> KiB, peer.probes                   # => 4KiB  3
        """
    default: return nil
    }
  }
}
