// Octets that nobody has written are those that everybody finds.

import Testing
import Wire

@testable import NetStack

@Suite("Octets that nobody has written")
struct MbufDataTests {
  private let bench = TCPBench(hosts: 1)

  private func pattern(_ count: Int, at offset: Int) -> [UInt8] {
    (0..<count).map { UInt8((offset + $0) % 251) }
  }

  /// A cluster of which only so many octets are there, as a frame leaves it, and all of it as it
  /// is to be.
  private func cluster(
    _ kernel: borrowing Kernel, headers: Int, count: Int, zeros: Bool = false
  ) -> (index: Int32, whole: [UInt8]) {
    let index = kernel.mGet(.rx, at: .refill, header: true)!
    let isGranted = kernel.mclGet(index, .rx, at: .refill)
    #expect(isGranted)
    let m = kernel.mbuf(index)
    let phase = zeros ? Int(Payload.zeros) : (headers * 7 + count) % 251
    let front = (0..<headers).map { UInt8(truncatingIfNeeded: 200 &+ $0) }
    for (place, octet) in front.enumerated() { kernel.data(index).store(octet: octet, at: place) }
    kernel.clusterUse[Int(m.pointee.cluster)].pattern = Int16(phase)
    kernel.clusterUse[Int(m.pointee.cluster)].written = Int16(headers)
    m.pointee.length = Int32(count)
    m.pointee.packetLength = Int32(count)
    let rest = count - headers
    let body = zeros ? [UInt8](repeating: 0, count: rest) : pattern(rest, at: phase + headers)
    return (index, front + body)
  }

  private func take(_ kernel: borrowing Kernel, _ index: Int32) {
    let isGranted = kernel.mclGet(index, .app, at: .sosend)
    #expect(isGranted)
  }

  private func octets(_ kernel: borrowing Kernel, _ index: Int32) -> [UInt8] {
    Array(kernel.octets(index))
  }

  @Test("sosend writes none into a cluster; a reader finds them, a writer finds them there")
  func program() {
    bench.enter(0) { kernel in
      let m = kernel.mGet(.app, at: .sosend, header: true)!
      take(kernel, m)
      kernel.mbuf(m).pointee.length = 1460
      kernel.mbuf(m).pointee.packetLength = 1460
      kernel.fill(m, 1460, at: 5000)
      let use = kernel.clusterUse + Int(kernel.mbuf(m).pointee.cluster)
      #expect(use.pointee.written == 0)
      let found = octets(kernel, m)
      #expect(found == pattern(1460, at: 5000))
      kernel.mTrimFront(m, 333)
      let rest = octets(kernel, m)
      #expect(rest == pattern(1127, at: 5333))
      let front = kernel.front(m, atLeast: 0).count
      #expect(use.pointee.written == 0 && front == 0)
      kernel.data(m).store(octet: 255, at: 2)
      var changed = pattern(1127, at: 5333)
      changed[2] = 255
      let after = octets(kernel, m)
      #expect(use.pointee.written == 2048 && after == changed)
      kernel.mFreem(m, .processed)
    }
  }

  @Test("a fresh cluster has all its octets, whoever had it before")
  func fresh() {
    bench.enter(0) { kernel in
      let first = cluster(kernel, headers: 54, count: 1000).index
      let number = kernel.mbuf(first).pointee.cluster
      kernel.mFreem(first, .processed)
      let second = kernel.mGet(.app, at: .sosend, header: true)!
      take(kernel, second)
      #expect(kernel.mbuf(second).pointee.cluster == number)
      #expect(kernel.clusterUse[Int(number)].written == 2048)
      kernel.mFreem(second, .processed)
    }
  }

  @Test("a larger buffer has all its octets")
  func large() {
    let bench = TCPBench(hosts: 1) { $0.classes = [SizeClass(octets: 9216, count: 2)] }
    bench.enter(0) { kernel in
      let m = kernel.mGet(.app, at: .sosend, header: true)!
      let isGranted = kernel.classGet(1, for: m, .app, at: .sosend)
      #expect(isGranted)
      kernel.mbuf(m).pointee.length = 9000
      kernel.mbuf(m).pointee.packetLength = 9000
      kernel.fill(m, 9000, at: 77)
      let front = Array(kernel.front(m, atLeast: 40))
      #expect(front == pattern(9000, at: 77))
      var sum = InternetChecksum()
      kernel.add(m, from: 3000, to: &sum)
      let rest = pattern(6000, at: 3077)
      #expect(sum.value == rest.withUnsafeBytes(InternetChecksum.of))
      kernel.mFreem(m, .processed)
    }
  }

  @Test("headers are read without the rest; the whole is the same in place and beside it")
  func frame() {
    for (headers, zeros) in [(54, false), (42, true), (66, false)] {
      bench.enter(0) { kernel in
        let (index, whole) = cluster(kernel, headers: headers, count: 1400, zeros: zeros)
        let use = kernel.clusterUse + Int(kernel.mbuf(index).pointee.cluster)
        let front = Array(kernel.front(index, atLeast: 40))
        #expect(front == Array(whole.prefix(headers)))
        var beside: [UInt8] = []
        kernel.withOctets(index) { beside = Array($0) }
        #expect(beside == whole && use.pointee.written == Int16(headers))
        kernel.mTrimFront(index, Int32(headers))
        let found = octets(kernel, index)
        #expect(found == Array(whole.dropFirst(headers)))
        #expect(use.pointee.written == Int16(headers))
        kernel.mbuf(index).pointee.offset -= 20
        kernel.mbuf(index).pointee.length += 20
        let rest = octets(kernel, index)
        #expect(rest == Array(whole.dropFirst(headers - 20)))
        #expect(use.pointee.written == 2048)
        kernel.mFreem(index, .processed)
      }
    }
  }

  @Test("udp_input, tcp_input: a header that is of the pattern is read like any other")
  func headersOfThePattern() {
    for (number, octets) in [(IPProtocol.udp, 1220), (IPProtocol.tcp, 1220)] {
      bench.enter(0) { kernel in
        let (index, _) = cluster(kernel, headers: 20, count: octets)
        // The octets behind the IP header are 0, 1, 2…: a UDP length of 0x0405.
        kernel.clusterUse[Int(kernel.mbuf(index).pointee.cluster)].pattern = 231
        var ip = IPv4Header(
          source: TCPBench.addresses[1], destination: TCPBench.addresses[0],
          protocolNumber: number, totalLength: UInt16(octets), identification: 1)
        ip.writeWithChecksum(
          to: UnsafeMutableRawPointer(mutating: kernel.front(index, atLeast: 20).baseAddress!))
        if number == IPProtocol.udp { kernel.udpInput(index, ip) } else { kernel.tcpInput(index) }
      }
    }
    #expect(bench.hosts[0].state.statistics.udp.badSum == 1)
    #expect(bench.hosts[0].state.statistics.udp.badLength == 0)
    #expect(bench.hosts[0].state.statistics.tcpBadSum == 1)
  }

  @Test("m_copym shares them, m_copydata and m_pullup find them")
  func copies() {
    bench.enter(0) { kernel in
      let (index, whole) = cluster(kernel, headers: 54, count: 900)
      let copy = kernel.mCopy(index, offset: 100, length: 300, .app)!
      let found = octets(kernel, copy)
      #expect(found == Array(whole[100..<400]))
      kernel.mFreem(copy, .processed)
      let pulled = kernel.mPullup(index, 80)!
      let front = octets(kernel, pulled)
      #expect(Array(front.prefix(80)) == Array(whole.prefix(80)))
      kernel.mFreem(pulled, .processed)
    }
  }

  @Test("in_cksum is that of the octets, from any place on")
  func sums() {
    for (headers, count) in [(54, 1514), (55, 1501), (42, 300), (1, 209)] {
      for from in [0, 14, 20, headers, headers + 1, headers + 101] {
        for zeros in [false, true] {
          bench.enter(0) { kernel in
            let (index, whole) = cluster(kernel, headers: headers, count: count, zeros: zeros)
            var sum = InternetChecksum()
            kernel.add(index, from: Int32(from), to: &sum)
            let octets = Array(whole.dropFirst(from))
            #expect(sum.value % 0xFFFF == octets.withUnsafeBytes(InternetChecksum.of) % 0xFFFF)
            var part = InternetChecksum()
            kernel.add(index, from: Int32(from), count: 77, to: &part)
            let first = Array(octets.prefix(77))
            #expect(part.value % 0xFFFF == first.withUnsafeBytes(InternetChecksum.of) % 0xFFFF)
            let use = kernel.clusterUse[Int(kernel.mbuf(index).pointee.cluster)]
            #expect(use.written == Int16(headers))
            kernel.mFreem(index, .processed)
          }
        }
      }
    }
  }

  @Test("the hash of a frame is that of its octets, however many of them are written")
  func hashes() {
    for written in 0...150 {
      for count in [written + 1, written + 47, written + 48, 260, 1507, 1514] where count > written
      {
        for phase in [0, 250, Int(Payload.zeros), (written * 31 + count) % 251] {
          var whole = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ written) }
          for place in written..<count {
            whole[place] = phase < 0 ? 0 : UInt8((phase + place) % 251)
          }
          let hash = whole.withUnsafeBytes {
            Payload.hash($0.baseAddress!, written: written, count: count, Int16(phase))
          }
          #expect(hash == whole.withUnsafeBytes { FrameHash.of($0) })
        }
      }
    }
  }

  @Test("a host with octets to write is in the state of one that has written them")
  func states() {
    let bench = TCPBench()
    let (a, _) = bench.connected()
    bench.enter(0) { kernel in
      let m = kernel.mGet(.app, at: .sosend, header: true, socket: a)!
      take(kernel, m)
      kernel.mbuf(m).pointee.length = 2048
      kernel.mbuf(m).pointee.packetLength = 2048
      kernel.fill(m, 2048, at: 0)
      kernel.sbAppend(a, .send, m)
    }
    func hash() -> UInt128 {
      var hash = StateHash(counts: false)
      var names = BufferNames()
      bench.hosts[0].addState(to: &hash, &names)
      return hash.value
    }
    let before = hash()
    bench.enter(0) { kernel in _ = kernel.data(kernel.sockets[Int(a)].snd.head) }
    #expect(hash() == before)
  }
}
