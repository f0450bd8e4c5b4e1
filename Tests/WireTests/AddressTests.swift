// Addresses and sequence numbers: reading, printing, masks, and comparison round the circle.

import Testing
import Wire

@Suite("Addresses")
struct AddressTests {
  @Test("a hardware address prints as six pairs of digits")
  func hardwareText() {
    #expect(MACAddress(rawValue: 0x0200_0A00_010F).description == "02:00:0a:00:01:0f")
    #expect(MACAddress.broadcast.description == "ff:ff:ff:ff:ff:ff")
    #expect(MACAddress(rawValue: .max) == .broadcast)
  }

  @Test("group addresses are told by the first octet's lowest bit")
  func groups() {
    #expect(MACAddress.broadcast.isGroup && MACAddress.broadcast.isBroadcast)
    #expect(MACAddress(rawValue: 0x0100_5E00_0001).isGroup)
    #expect(!MACAddress(rawValue: 0x0200_0A00_0101).isGroup)
    #expect(!MACAddress(rawValue: 0x0100_5E00_0001).isBroadcast)
  }

  @Test("an IPv4 address reads back what it prints")
  func internetText() {
    for raw: UInt32 in [0, 1, 0x0A00_0101, 0x7F00_0001, 0xC0A8_FF00, .max] {
      let address = IPv4Address(rawValue: raw)
      #expect(IPv4Address(parsing: address.description) == address)
    }
    #expect(IPv4Address(10, 0, 1, 1).description == "10.0.1.1")
  }

  @Test(
    "text that is no address is refused",
    arguments: [
      "", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3", "1..2.3", "256.1.1.1",
      "1.2.3.1000", "01.2.3.4", "1.2.3.00", "a.b.c.d", " 1.2.3.4", "1.2.3.4 ", "-1.2.3.4",
      "١.2.3.4",
    ])
  func refused(text: String) {
    #expect(IPv4Address(parsing: text) == nil)
  }

  @Test("a prefix length makes a mask, and a mask a broadcast address")
  func masks() {
    let address = IPv4Address(10, 0, 1, 77)
    #expect(IPv4Address.mask(prefixLength: 24) == IPv4Address(255, 255, 255, 0))
    #expect(IPv4Address.mask(prefixLength: 0) == .any)
    #expect(IPv4Address.mask(prefixLength: -1) == .any)
    #expect(IPv4Address.mask(prefixLength: 32) == .broadcast)
    #expect(IPv4Address.mask(prefixLength: 33) == .broadcast)
    #expect(address.masked(by: .mask(prefixLength: 24)) == IPv4Address(10, 0, 1, 0))
    let broadcast = address.directedBroadcast(mask: .mask(prefixLength: 24))
    #expect(broadcast == IPv4Address(10, 0, 1, 255))
  }

  @Test("multicast, loopback and order")
  func kinds() {
    #expect(IPv4Address(224, 0, 0, 1).isMulticast && !IPv4Address(10, 0, 0, 1).isMulticast)
    #expect(IPv4Address(127, 9, 9, 9).isLoopback && !IPv4Address(128, 0, 0, 1).isLoopback)
    #expect(IPv4Address(10, 0, 0, 255) < IPv4Address(10, 0, 1, 0))
  }
}

@Suite("Sequence numbers")
struct SequenceNumberTests {
  @Test("comparison goes the shorter way round, also where the numbers wrap")
  func order() {
    for start: UInt32 in [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, .max] {
      let here = SequenceNumber(start)
      for distance in [1, 2, 1_460, 0x7FFF_FFFF] {
        let there = here + distance
        #expect(here < there && here <= there && there > here && there >= here)
        #expect(!(there < here) && !(there <= here) && !(here > there) && !(here >= there))
        #expect(there - here == distance && here - there == -distance)
        #expect(SequenceNumber.later(here, there) == there)
        #expect(SequenceNumber.earlier(here, there) == here)
        #expect(there - distance == here)
      }
      #expect(here <= here && here >= here && !(here < here) && !(here > here))
    }
  }

  @Test("adding and subtracting in place wraps")
  func inPlace() {
    var number = SequenceNumber(.max)
    number += 2
    #expect(number == SequenceNumber(1))
    number -= 3
    #expect(number == SequenceNumber(.max - 1))
    #expect(number.description == "4294967294")
  }
}
