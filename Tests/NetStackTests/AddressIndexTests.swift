// What is found by hash is what a walk finds.

import Testing
import Wire

@testable import NetStack

@Suite("Addresses, neighbours and connections by hash")
struct AddressIndexTests {
  /// Few networks and hosts, so that interfaces share them.
  private struct Draw {
    var state: UInt64
    mutating func below(_ limit: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % limit
    }
    mutating func address() -> IPv4Address {
      IPv4Address(10, UInt8(below(2)), UInt8(below(8)), UInt8(below(6)))
    }
  }

  private func bench(_ draw: inout Draw, interfaces: Int) -> InternetBench {
    InternetBench(interfaces: interfaces, knowsNeighbours: false) { configuration in
      for index in 0..<interfaces {
        configuration.interfaces[index].address = draw.address()
        configuration.interfaces[index].prefixLength = [8, 16, 24, 24, 30, 32][Int(draw.below(6))]
      }
    }
  }

  /// in_ifaddr as 4.4BSD walks it.
  private func walked(_ kernel: borrowing Kernel, _ address: IPv4Address) -> Int32? {
    for index in 0..<kernel.state.pointee.interfaceCount {
      let one = kernel.interfaces + Int(index)
      let difference = one.pointee.address.rawValue ^ address.rawValue
      if difference & one.pointee.mask == 0 { return index }
    }
    return nil
  }

  private func isOwn(_ kernel: borrowing Kernel, _ address: IPv4Address) -> Bool {
    (0...Int(kernel.state.pointee.interfaceCount)).contains { index in
      kernel.interfaces[index].address == address
    }
  }

  @Test("the first interface of an address and of a network, however many there are")
  func interfaces() {
    var draw = Draw(state: 1)
    for count in [5, 6, 17, 40, 120] {
      let bench = bench(&draw, interfaces: count)
      #expect(bench.host.inspect { $0.addresses.slots } >= 4 * count)
      for _ in 0..<300 {
        let address = draw.below(9) == 0 ? IPv4Address(127, 0, 0, 1) : draw.address()
        let (isSame, isSameNetwork, hop, expected) = bench.host.inspect { kernel in
          let own = isOwn(kernel, address)
          let near = walked(kernel, address)
          let isAway = own || address.isLoopback
          return (
            kernel.isOurs(address) == own, kernel.neighbouringInterface(of: address) == near,
            kernel.route(to: address), isAway ? kernel.loopback : near
          )
        }
        #expect(isSame && isSameNetwork && hop == expected, "\(address) of \(count)")
      }
    }
  }

  @Test("with gateways the narrowest network wins, the first of equals")
  func narrowest() {
    var draw = Draw(state: 2)
    let bench = bench(&draw, interfaces: 30)
    let gateway = bench.host.inspect { kernel in
      IPv4Address(rawValue: kernel.interfaces[0].address.rawValue ^ 1)
    }
    _ = bench.host.addRoute(to: .any, prefixLength: 0, by: gateway, &bench.context)
    for _ in 0..<300 {
      let address = draw.address()
      let (found, expected) = bench.host.inspect { kernel -> (Int32?, Int32?) in
        var best: (interface: Int32, length: Int32)?
        for index in 0..<kernel.state.pointee.interfaceCount {
          let one = kernel.interfaces + Int(index)
          let differs = (one.pointee.address.rawValue ^ address.rawValue) & one.pointee.mask != 0
          if !differs && one.pointee.prefixLength > best?.length ?? -1 {
            best = (index, one.pointee.prefixLength)
          }
        }
        let way = kernel.ways[0].interface
        let isAway = isOwn(kernel, address)
        return (kernel.route(to: address), isAway ? kernel.loopback : best?.interface ?? way)
      }
      #expect(found == expected, "\(address)")
    }
  }

  @Test("neighbours are found while a full table forgets others for them")
  func neighbours() {
    var draw = Draw(state: 3)
    let bench = InternetBench(knowsNeighbours: false) { $0.neighbours = 24 }
    for number in 0..<2000 {
      let address = IPv4Address(10, 0, 0, UInt8(draw.below(90)))
      if draw.below(2) == 0 {
        bench.know(address, on: 0, MACAddress(rawValue: UInt64(number)))
      }
      let isSame = bench.host.inspect { kernel in
        let known = (0..<Int(kernel.state.pointee.neighbourCount)).filter {
          kernel.neighbours[$0].address == address
        }
        return known.count < 2
          && kernel.knownNeighbour(address) == known.first.map { kernel.neighbours + $0 }
      }
      #expect(isSame, "\(address)")
    }
    #expect(bench.host.neighbours.count == 24)
  }

  @Test("a thousand peers of one port do not share a few chains")
  func chains() {
    let bench = InternetBench(interfaces: 40) { $0.sockets = 1024 }
    let longest = bench.host.inspect { kernel in
      var counts = [Int](repeating: 0, count: kernel.tables.pointee.chains)
      for peer in 0..<1000 {
        counts[kernel.chain(9, 1024, IPv4Address(10, UInt8(peer >> 8), UInt8(peer & 255), 2))] += 1
      }
      return counts.max() ?? 0
    }
    #expect(longest < 8)
  }
}
