// Putting data into socket buffers and taking it out. BSD: uipc_socket2.c.

/// Which of a socket's two buffers.
public enum Direction: UInt8, Sendable {
  case send, receive

  var place: Place { self == .send ? .sndbuf : .rcvbuf }
}

extension Kernel {
  @inline(__always)
  func sockbuf(_ socket: Int32, _ direction: Direction) -> UnsafeMutablePointer<Sockbuf> {
    let base = UnsafeMutableRawPointer(sockets + Int(socket))
    let offset = direction == .send ? 0 : MemoryLayout<Sockbuf>.stride
    return (base + offset).assumingMemoryBound(to: Sockbuf.self)
  }

  /// sbreserve: sets the limits. False when `octets` is more than `sb_max` allows.
  @discardableResult
  func sbReserve(_ socket: Int32, _ direction: Direction, octets: Int32) -> Bool {
    let tunables = state.pointee.tunables
    let ceiling = Int64(tunables.bufferMax) * Int64(BufferSize.cluster)
    let most = ceiling / Int64(BufferSize.mbuf &+ BufferSize.cluster)
    if Int64(octets) > most { return false }
    let sb = sockbuf(socket, direction)
    sb.pointee.hiwat = octets
    let storage = Int64(octets) * Int64(tunables.bufferEfficiency)
    sb.pointee.mbmax = Int32(min(storage, Int64(tunables.bufferMax)))
    if sb.pointee.lowat > octets { sb.pointee.lowat = octets }
    return true
  }

  /// sbappend to a stream: sbcompress merges an mbuf into the one before it when that is no
  /// cluster and has room. A cluster is never merged into: a write keeps its own, however little
  /// it carries.
  func sbAppend(_ socket: Int32, _ direction: Direction, _ chain: Int32) {
    let sb = sockbuf(socket, direction)
    var index = chain
    while index >= 0 {
      let m = mbuf(index)
      let next = m.pointee.next
      if m.pointee.length == 0 {
        index = mFree(index, .merged)
        continue
      }
      if sb.pointee.tail >= 0, merge(index, into: sb.pointee.tail) {
        sb.pointee.cc &+= m.pointee.length
        index = mFree(index, .merged)
        continue
      }
      m.pointee.flags.remove(.packetHeader)
      m.pointee.next = -1
      place(index, direction.place, holder: socket)
      account(sb, m, sign: 1)
      if sb.pointee.tail >= 0 {
        mbuf(sb.pointee.tail).pointee.next = index
      } else {
        sb.pointee.head = index
        sb.pointee.lastRecord = index
      }
      sb.pointee.tail = index
      index = next
    }
    trace(.socketAppend, socket, Int64(sb.pointee.cc), Int64(direction.rawValue))
  }

  @inline(__always)
  private func merge(_ index: Int32, into tail: Int32) -> Bool {
    let m = mbuf(index)
    let last = mbuf(tail)
    let end = last.pointee.offset &+ last.pointee.length
    guard last.pointee.cluster < 0, m.pointee.type == last.pointee.type,
      end &+ m.pointee.length < BufferSize.mbufData
    else { return false }
    let to = data(tail) + Int(last.pointee.length)
    to.copyMemory(from: data(index), byteCount: Int(m.pointee.length))
    last.pointee.length &+= m.pointee.length
    return true
  }

  /// sbappendaddr: a datagram as a record of its own, its sender's address in an mbuf in front.
  ///
  /// False when there is no room, or no mbuf for the name; the caller frees the datagram. The
  /// space is tested before anything is added, so that the last datagram may go over `mbmax`.
  func sbAppendAddress(_ socket: Int32, _ chain: Int32, from: UInt32, port: UInt16) -> Bool {
    let sb = sockbuf(socket, .receive)
    let nameOctets: Int32 = 16  // sizeof (struct sockaddr_in)
    let total = mbuf(chain).pointee.packetLength &+ nameOctets
    guard total <= sb.pointee.space,
      let name = mGet(
        .stack, at: .sbappendaddr, header: false, type: .socketName, socket: socket)
    else { return false }
    mbuf(name).pointee.length = nameOctets
    data(name).storeBytes(of: from, as: UInt32.self)
    data(name).storeBytes(of: port, toByteOffset: 4, as: UInt16.self)
    mbuf(name).pointee.next = chain
    mbuf(chain).pointee.flags.remove(.packetHeader)
    var index = name
    var last = name
    while index >= 0 {
      place(index, .rcvbuf, holder: socket)
      account(sb, mbuf(index), sign: 1)
      last = index
      index = mbuf(index).pointee.next
    }
    if sb.pointee.lastRecord >= 0 {
      mbuf(sb.pointee.lastRecord).pointee.nextPacket = name
    } else {
      sb.pointee.head = name
    }
    mbuf(name).pointee.nextPacket = -1
    sb.pointee.lastRecord = name
    sb.pointee.tail = last
    trace(.socketAppend, socket, Int64(sb.pointee.cc), Int64(Direction.receive.rawValue))
    return true
  }

  /// sballoc, sbfree.
  @inline(__always)
  private func account(
    _ sb: UnsafeMutablePointer<Sockbuf>, _ m: UnsafeMutablePointer<Mbuf>, sign: Int32
  ) {
    sb.pointee.cc &+= sign &* m.pointee.length
    sb.pointee.mbcnt &+= sign &* BufferSize.mbuf
    sb.pointee.mbufs &+= sign
    if m.pointee.sizeClass != 0 {
      sb.pointee.mbcnt &+= sign &* classOctets(m.pointee.sizeClass)
    } else if m.pointee.cluster >= 0 {
      sb.pointee.mbcnt &+= sign &* BufferSize.cluster
      sb.pointee.clusters &+= sign
    }
  }

  /// The mbuf of a stream in which octet `offset` lies, and where in it. Segments follow each
  /// other, so the search goes on where the last one ended.
  @inline(__always)
  func sbLocate(_ socket: Int32, _ direction: Direction, _ offset: Int32) -> (
    mbuf: Int32, skip: Int32
  ) {
    let sb = sockbuf(socket, direction)
    precondition(offset < sb.pointee.cc, "an octet behind the buffer's end is looked for")
    if sb.pointee.spot < 0 || sb.pointee.spotOffset > offset {
      sb.pointee.spot = sb.pointee.head
      sb.pointee.spotOffset = 0
    }
    while true {
      let m = mbuf(sb.pointee.spot)
      let skip = offset &- sb.pointee.spotOffset
      if skip < m.pointee.length { return (sb.pointee.spot, skip) }
      sb.pointee.spotOffset &+= m.pointee.length
      sb.pointee.spot = m.pointee.next
    }
  }

  /// sbdrop: octets off the front of a stream. Looks at no lock, which is what a drop needs.
  func sbDrop(
    _ socket: Int32, _ direction: Direction, _ count: Int32, _ why: ReleaseReason
  ) {
    let sb = sockbuf(socket, direction)
    precondition(count <= sb.pointee.cc, "sbdrop: more than the buffer holds")
    state.pointee.progressAt = now
    sb.pointee.spotOffset &-= count
    if sb.pointee.spotOffset < 0 { sb.pointee.spot = -1 }
    var left = count
    var index = sb.pointee.head
    while left > 0 {
      let m = mbuf(index)
      if m.pointee.length > left {
        m.pointee.length &-= left
        m.pointee.offset &+= left
        sb.pointee.cc &-= left
        left = 0
        break
      }
      left &-= m.pointee.length
      account(sb, m, sign: -1)
      index = mFree(index, why)
    }
    sb.pointee.head = index
    if index < 0 {
      sb.pointee.tail = -1
      sb.pointee.lastRecord = -1
    } else {
      sb.pointee.lastRecord = index
    }
  }

  /// sbdroprecord: the first datagram, with its name.
  func sbDropRecord(_ socket: Int32, _ why: ReleaseReason) {
    let sb = sockbuf(socket, .receive)
    var index = sb.pointee.head
    if index < 0 { return }
    let next = mbuf(index).pointee.nextPacket
    state.pointee.progressAt = now
    while index >= 0 {
      account(sb, mbuf(index), sign: -1)
      index = mFree(index, why)
    }
    sb.pointee.head = next
    if next < 0 {
      sb.pointee.tail = -1
      sb.pointee.lastRecord = -1
    }
  }

  /// sbflush: everything. BSD panics when the buffer is locked; so does this.
  func sbFlush(_ socket: Int32, _ direction: Direction) {
    precondition(
      !sockbuf(socket, direction).pointee.flags.contains(.locked), "sbflush: the buffer is locked")
    sbEmpty(socket, direction)
  }

  /// All of it by sbdrop, lock or no lock: what `tcp.drop_frees` needs.
  func sbEmpty(_ socket: Int32, _ direction: Direction) {
    let progressAt = state.pointee.progressAt  // what is thrown away is no progress
    defer { state.pointee.progressAt = progressAt }
    let sb = sockbuf(socket, direction)
    if sockets[Int(socket)].kind == .stream {
      sbDrop(socket, direction, sb.pointee.cc, .closed)
    } else {
      while sb.pointee.head >= 0 { sbDropRecord(socket, .closed) }
    }
  }
}
