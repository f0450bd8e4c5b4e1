// Options of a datagram that came in: source routes, record route, timestamps.
//
// RFC 791 §3.1, RFC 1122 §3.2.1.8. 4.4BSD: ip_dooptions, ip_stripoptions of netinet/ip_input.c,
// ip_srcroute. Security and stream identifiers are skipped, as there. Left out: keeping a received
// source route for a connection's answers; an ICMP answer goes back the way the question came.

import Wire

/// What is wrong with an option.
private enum OptionVerdict {
  case sound
  /// Octets from the start of the header.
  case parameterProblem(Int)
  case unreachable(UInt8)
}

extension Kernel {
  /// ip_dooptions: does what the options ask, in place.
  ///
  /// - Returns: whether the packet has been taken over: it was forwarded, or refused.
  func ipDoOptions(_ packet: Int32, _ headerOctets: Int32) -> Bool {
    var isRouted = false
    let options = UnsafeMutableRawBufferPointer(
      start: data(packet) + 20, count: Int(headerOctets) - 20)
    var walk = IPOptions(UnsafeRawBufferPointer(options))
    var verdict = OptionVerdict.sound
    while case .sound = verdict, let option = walk.next() {
      let field = UnsafeMutableRawBufferPointer(
        rebasing: options[option.start..<option.start + option.length])
      switch option.kind {
      case IPOptionKind.looseSourceRoute, IPOptionKind.strictSourceRoute:
        verdict = doSourceRoute(packet, field, 20 + option.start, &isRouted)
      case IPOptionKind.recordRoute: verdict = doRecordRoute(packet, field, 20 + option.start)
      case IPOptionKind.timestamp: verdict = doTimestamp(packet, field, 20 + option.start)
      default: break
      }
    }
    if let fault = walk.fault { verdict = .parameterProblem(20 + fault) }
    switch verdict {
    case .sound: break
    case .parameterProblem(let pointer):
      state.pointee.statistics.ip.badOptions &+= 1
      trace(.ipDrop, 1)
      icmpError(packet, .parameterProblem(at: UInt8(pointer)), freedFor: .badHeader)
      return true
    case .unreachable(let code):
      state.pointee.statistics.ip.badOptions &+= 1
      trace(.ipDrop, 1)
      icmpError(packet, .unreachable(code), freedFor: .badHeader)
      return true
    }
    guard isRouted, state.pointee.tunables.internet.forwards,
      let header = IPv4Header(reading: octets(packet))
    else { return false }
    ipForward(packet, header, isSourceRouted: true)
    return true
  }

  private func destination(of packet: Int32) -> IPv4Address {
    IPv4Address(rawValue: UnsafeRawPointer(data(packet)).bigEndian32(at: 16))
  }

  /// We are the next station of a source route: the one behind us becomes the destination, and we
  /// write ourselves down in its place.
  private func doSourceRoute(
    _ packet: Int32, _ option: UnsafeMutableRawBufferPointer, _ place: Int, _ isRouted: inout Bool
  ) -> OptionVerdict {
    guard option.count >= 3, option[2] >= 4 else { return .parameterProblem(place + 2) }
    let isStrict = option[0] == IPOptionKind.strictSourceRoute
    guard isOurs(destination(of: packet)) else {
      return isStrict ? .unreachable(ICMPUnreachable.sourceRouteFailed) : .sound
    }
    let offset = Int(option[2]) - 1
    if offset + 4 > option.count { return .sound }  // its end: for us
    guard state.pointee.tunables.internet.followsSourceRoutes, let base = option.baseAddress else {
      return .unreachable(ICMPUnreachable.sourceRouteFailed)
    }
    let next = IPv4Address(rawValue: UnsafeRawPointer(base).bigEndian32(at: offset))
    guard let interface = isStrict ? neighbouringInterface(of: next) : route(to: next) else {
      return .unreachable(ICMPUnreachable.sourceRouteFailed)
    }
    data(packet).store(bigEndian32: next.rawValue, at: 16)
    base.store(bigEndian32: interfaces[Int(interface)].address.rawValue, at: offset)
    option[2] &+= 4
    isRouted = !next.isMulticast
    return .sound
  }

  private func doRecordRoute(
    _ packet: Int32, _ option: UnsafeMutableRawBufferPointer, _ place: Int
  ) -> OptionVerdict {
    guard option.count >= 3, option[2] >= 4 else { return .parameterProblem(place + 2) }
    let offset = Int(option[2]) - 1
    guard offset + 4 <= option.count, let base = option.baseAddress else { return .sound }
    let destination = destination(of: packet)
    var address = destination
    if !isOurs(destination) {
      guard let interface = route(to: destination) else {
        return .unreachable(ICMPUnreachable.host)
      }
      address = interfaces[Int(interface)].address
    }
    base.store(bigEndian32: address.rawValue, at: offset)
    option[2] &+= 4
    return .sound
  }

  private func doTimestamp(
    _ packet: Int32, _ option: UnsafeMutableRawBufferPointer, _ place: Int
  ) -> OptionVerdict {
    guard option.count >= 5, option[2] >= 5, let base = option.baseAddress else {
      return .parameterProblem(place)
    }
    var offset = Int(option[2]) - 1
    if offset + 4 > option.count {
      // Full: the next counts as one that found no room, until that overflows too.
      if option[3] & 0xF0 == 0xF0 { return .parameterProblem(place) }
      option[3] &+= 0x10
      return .sound
    }
    switch option[3] & 15 {
    case 0: break
    case 1, 3:
      guard offset + 8 <= option.count else { return .parameterProblem(place) }
      if option[3] & 15 == 1 {
        let interface = Int(mbuf(packet).pointee.interface)
        base.store(bigEndian32: interfaces[interface].address.rawValue, at: offset)
      } else {
        let wanted = IPv4Address(rawValue: UnsafeRawPointer(base).bigEndian32(at: offset))
        guard isOurs(wanted) else { return .sound }
      }
      option[2] &+= 4
      offset += 4
    default: return .parameterProblem(place)
    }
    base.store(bigEndian32: internetTime, at: offset)
    option[2] &+= 4
    return .sound
  }

  /// iptime: milliseconds since midnight. Here midnight is time 0.
  var internetTime: UInt32 { UInt32(now.nanoseconds / 1_000_000 % 86_400_000) }

  /// ip_stripoptions: the octets behind the options move up.
  func ipStripOptions(_ packet: Int32) {
    let first = octets(packet)
    let headerOctets = Int(first[0] & 15) * 4
    if headerOctets <= 20 { return }
    let count = headerOctets - 20
    let base = data(packet)
    (base + 20).copyMemory(from: base + headerOctets, byteCount: first.count - headerOctets)
    mbuf(packet).pointee.length &-= Int32(count)
    mbuf(packet).pointee.packetLength &-= Int32(count)
    base.storeBytes(of: 0x45, as: UInt8.self)
    let total = UnsafeRawPointer(base).bigEndian16(at: 2)
    base.store(bigEndian16: total &- UInt16(count), at: 2)
  }

  /// The options of an answer, in place of those of the question: a source route is turned round
  /// (ip_srcroute), records and timestamps stay, the rest goes.
  ///
  /// - Returns: the first station on the way back.
  func ipTurnOptions(_ packet: Int32, _ headerOctets: Int, to source: IPv4Address) -> IPv4Address {
    var first = source
    let options = UnsafeMutableRawBufferPointer(
      start: data(packet) + 20, count: headerOctets - 20)
    for option in IPOptions(UnsafeRawBufferPointer(options)) {
      switch option.kind {
      case IPOptionKind.recordRoute, IPOptionKind.timestamp, IPOptionKind.security: continue
      case IPOptionKind.looseSourceRoute, IPOptionKind.strictSourceRoute:
        let count = (option.length - 3) / 4
        if count == 0 || Int(options[option.start + 2]) <= option.length { break }
        let base = data(packet) + 20 + option.start + 3
        func station(_ index: Int) -> UInt32 { UnsafeRawPointer(base).bigEndian32(at: index * 4) }
        first = IPv4Address(rawValue: station(count - 1))
        for index in 0..<(count - 1) / 2 {
          let (near, far) = (station(index), station(count - 2 - index))
          base.store(bigEndian32: far, at: index * 4)
          base.store(bigEndian32: near, at: (count - 2 - index) * 4)
        }
        base.store(bigEndian32: source.rawValue, at: (count - 1) * 4)
        options[option.start + 2] = 4
        continue
      default: break
      }
      for index in option.start..<option.start + option.length {
        options[index] = IPOptionKind.noOperation
      }
    }
    return first
  }
}
