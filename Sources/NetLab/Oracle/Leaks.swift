// `leaks(host)`: the buffers that no owner reaches, by who took them and how they were lost. Their
// sum is `leaked(host)`.

import NetScript
import NetSim
import NetStack

/// Buffers that were lost in one way.
private struct LeakRow {
  var bufferClass: BufferClass
  /// A size class: its number among the further pools; -1 for the pool's own two.
  var pool: Int32
  /// How, who took them and where, for which socket; the first one stands for all.
  var first: HeldBuffer
  var count: Int64 = 0
  var payload: Int64 = 0
  var oldest: TimeSpan = .zero

  func has(_ buffer: HeldBuffer, _ bufferClass: BufferClass, _ pool: Int32) -> Bool {
    self.bufferClass == bufferClass && self.pool == pool && first.loss == buffer.loss
      && first.site == buffer.site
      && first.task == buffer.task && first.socket == buffer.socket
      && first.socketLives == buffer.socketLives
  }
}

extension Bench {
  /// The largest group first. Buffers of a script's own pool always have an owner.
  func oracleLeaks(_ id: NodeID) -> Value {
    guard tree[id].role != .builtin(.bufferClass), let host = stacksOfQuestion(id).first else {
      return vm.makeList([])
    }
    note(.pool, host: host)
    note(.now)
    var rows: [LeakRow] = []
    let wanted = bufferClass(of: id)
    for bufferClass in [BufferClass.clusters, .mbufs] where wanted ?? bufferClass == bufferClass {
      addLeaks(of: bufferClass, on: host, to: &rows)
    }
    if wanted == nil { addLeaksOfClasses(on: host, to: &rows) }
    let order = rows.indices.sorted {
      rows[$0].count != rows[$1].count ? rows[$0].count > rows[$1].count : $0 < $1
    }
    let names = ["class", "count", "oldest", "payload", "why", "by", "site", "task", "socket"]
    let shape = vm.shape(names.map { vm.intern($0) })
    return vm.makeList(order.map { leak(rows[$0], host, shape) })
  }

  private func addLeaks(
    of bufferClass: BufferClass, on host: Int32, to rows: inout [LeakRow]
  ) {
    let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
    addLeaks(among: stack.heldBuffers(bufferClass), bufferClass, -1, to: &rows)
  }

  private func addLeaksOfClasses(on host: Int32, to rows: inout [LeakRow]) {
    let stack = simulation.hosts[Int(simulation.processors[Int(host)].stack)]
    for index in 0..<stack.classCount {
      let pool = stack.sizeClass(index).number
      addLeaks(among: stack.heldBuffers(ofClass: index), .clusters, pool, to: &rows)
    }
  }

  private func addLeaks(
    among buffers: [HeldBuffer], _ bufferClass: BufferClass, _ pool: Int32,
    to rows: inout [LeakRow]
  ) {
    for buffer in buffers where buffer.place == .leaked {
      let index: Int
      if let known = rows.firstIndex(where: { $0.has(buffer, bufferClass, pool) }) {
        index = known
      } else {
        index = rows.count
        rows.append(LeakRow(bufferClass: bufferClass, pool: pool, first: buffer))
      }
      rows[index].count += 1
      rows[index].payload += Int64(buffer.payload)
      rows[index].oldest = max(rows[index].oldest, observedNow - buffer.since)
    }
  }

  private func leak(_ row: LeakRow, _ host: Int32, _ shape: Int) -> Value {
    let (why, by) = loss(row.first.loss)
    var socket = Value.none
    if row.first.socketLives {
      let stack = stations.records[Int(host)].stack
      socket = socketNode(host: host, stack: stack, index: row.first.socket)
    } else if row.first.socket >= 0 {
      socket = vm.makeString("closed")
    }
    return vm.makeRecord(
      shape,
      [
        vm.symbol(className(row)), .int(row.count),
        .time(nanoseconds: row.oldest.nanoseconds), .data(octets: row.payload),
        why.map { vm.symbol($0) } ?? .none, by.map { vm.makeString($0) } ?? .none,
        vm.makeString(row.first.site.name), taskNode(row.first.task), socket,
      ])
  }

  private func className(_ row: LeakRow) -> String {
    if row.pool >= 0 { return name(tree[programs.pools[Int(row.pool)].node].name) }
    return row.bufferClass == .mbufs ? "mbufs" : "clusters"
  }

  /// What became of the data, and who forgot the buffer.
  private func loss(_ loss: Loss?) -> (why: String?, by: String?) {
    switch loss {
    case .kept(let reason): (reason.name, "pool.release")
    case .unsent: ("EINVAL", "tcp_usr_send")
    case .unreaped: ("fail", "tx.on_fail")
    case nil: (nil, nil)
    }
  }
}
