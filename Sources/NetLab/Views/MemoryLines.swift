// `netstat -m` of 4.4BSD (usr.bin/netstat/mbuf.c), and rtems_bsdnet_show_mbuf_stats of RTEMS
// (rtems_showmbuf.c).

import NetStack

/// One line of `netstat -m`.
struct MemoryLine {
  var name: String
  var count: Int64
  /// How many there are, where the count is a part of them.
  var total: Int64?
  var text: String

  static func all(_ state: KernelState) -> [MemoryLine] {
    let (mbufs, clusters) = (state.mbufPool, state.clusterPool)
    let used = Int64(mbufs.total - mbufs.free)
    let mapped = Int64(clusters.total - clusters.free)
    var lines = [MemoryLine(name: "mbufs", count: used, total: nil, text: "\(used) mbufs in use:")]
    for (name, count, words) in MbufStatistics.types(state) where count > 0 && name != "free" {
      lines.append(
        MemoryLine(
          name: name, count: count, total: nil, text: "\t\(count) mbufs allocated to \(words)"))
    }
    lines.append(
      MemoryLine(
        name: "clusters", count: mapped, total: Int64(clusters.total),
        text: "\(mapped)/\(clusters.total) mapped pages in use"))
    // As BSD reckons: free mbufs are no part of it, free clusters are.
    let memory = used * 128 + Int64(clusters.total) * 2048
    let free = Int64(clusters.free) * 2048
    let share = memory == 0 ? 0 : (memory - free) * 100 / memory
    lines.append(
      MemoryLine(
        name: "kbytes", count: memory / 1024, total: nil,
        text: "\(memory / 1024) Kbytes allocated to network (\(share)% in use)"))
    let denied = mbufs.denied + clusters.denied
    let waits = mbufs.waits + clusters.waits
    let drains = state.statistics.drains
    lines.append(
      MemoryLine(
        name: "denied", count: denied, total: nil, text: "\(denied) requests for memory denied"))
    lines.append(
      MemoryLine(
        name: "delayed", count: waits, total: nil, text: "\(waits) requests for memory delayed"))
    lines.append(
      MemoryLine(
        name: "drains", count: drains, total: nil,
        text: "\(drains) calls to protocol drain routines"))
    return lines
  }
}

/// mbstat, as RTEMS prints it: three lines of totals, then the types.
enum MbufStatistics {
  /// Figures that come before the types.
  static let headCount = 6

  static func all(_ state: KernelState) -> [(name: String, value: Int64)] {
    let (mbufs, clusters) = (state.mbufPool, state.clusterPool)
    let head: [(name: String, value: Int64)] = [
      ("mbufs", Int64(mbufs.total)), ("clusters", Int64(clusters.total)),
      ("free clusters", Int64(clusters.free)), ("drops", mbufs.denied + clusters.denied),
      ("waits", mbufs.waits + clusters.waits), ("drains", state.statistics.drains),
    ]
    return head + types(state).map { (name: $0.name, value: $0.count) }
  }

  /// m_mtypes by number, with RTEMS's name and netstat's words. Types that nothing here allocates
  /// stand at 0, as they do there.
  static func types(
    _ state: KernelState
  ) -> [(name: String, count: Int64, words: String)] {
    [
      ("free", Int64(state.mbufPool.free), "the free list"),
      ("data", Int64(state.dataMbufs), "data"),
      ("header", Int64(state.headerMbufs), "packet headers"),
      ("socket", 0, "socket structures"), ("pcb", 0, "protocol control blocks"),
      ("rtable", 0, "routing table entries"), ("htable", 0, "IMP host table entries"),
      ("atable", 0, "address resolution tables"),
      ("soname", Int64(state.nameMbufs), "socket names and addresses"),
      ("soopts", 0, "socket options"),
      ("ftable", Int64(state.fragmentTableMbufs), "fragment reassembly queue headers"),
      ("rights", 0, "access rights"), ("ifaddr", 0, "interface addresses"),
      ("control", 0, "ancillary data"), ("oobdata", 0, "oob data"),
    ]
  }
}
