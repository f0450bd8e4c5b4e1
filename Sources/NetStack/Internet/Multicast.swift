// Groups: who has joined which, and a group's Ethernet address.
//
// RFC 1112 §6.4, §7. 4.4BSD: IP_ADD_MEMBERSHIP of ip_output.c, IN_LOOKUP_MULTI, ip_mloopback.
// Routers hear of it by IGMP.swift. Left out: the hardware's filter: an interface takes in every
// frame to a group, and ip_input refuses those that nobody has joined.

import Wire

struct Membership: Sendable {
  var socket: Int32 = -1
  var interface: Int32 = -1
  var group = IPv4Address.any
  /// inm_timer: when a report is due; of one of a group's entries at most.
  var reportAt = Instant.never
}

/// A host's memberships: IP_MAX_MEMBERSHIPS for all sockets together.
struct Memberships: Sendable {
  static let limit = 20
  var entries: InlineArray<20, Membership> = .init(repeating: Membership())
  var count = 0
}

extension MACAddress {
  /// ETHER_MAP_IP_MULTICAST: 01:00:5e and the group's low 23 bits.
  static func ofGroup(_ group: IPv4Address) -> MACAddress {
    MACAddress(rawValue: 0x0100_5E00_0000 | UInt64(group.rawValue & 0x7F_FFFF))
  }
}

extension Kernel {
  /// IN_LOOKUP_MULTI. 224.0.0.1 is joined by everybody (RFC 1112 §7.1).
  func hasJoined(_ group: IPv4Address, on interface: Int32) -> Bool {
    if group == .allHosts { return true }
    for index in 0..<state.pointee.memberships.count {
      let entry = state.pointee.memberships.entries[index]
      if entry.group == group && entry.interface == interface { return true }
    }
    return false
  }

  /// IP_ADD_MEMBERSHIP.
  ///
  /// - Parameter interface: -1 is the one on the way to the group.
  func joinGroup(_ socket: Int32, _ group: IPv4Address, interface wanted: Int32) -> SocketError? {
    guard group.isMulticast else { return .EINVAL }
    let interface = wanted >= 0 ? wanted : route(to: group) ?? -1
    guard interface >= 0, interface < state.pointee.interfaceCount else {
      return .EADDRNOTAVAIL
    }
    if membership(socket, group, interface) != nil { return .EADDRINUSE }
    guard state.pointee.memberships.count < Memberships.limit else { return .ENOBUFS }
    let isFirst = !hasJoined(group, on: interface)
    let index = state.pointee.memberships.count
    state.pointee.memberships.entries[index] = Membership(
      socket: socket, interface: interface, group: group)
    state.pointee.memberships.count += 1
    if isFirst { reportJoined(index) }
    return nil
  }

  /// IP_DROP_MEMBERSHIP.
  func leaveGroup(_ socket: Int32, _ group: IPv4Address, interface wanted: Int32) -> SocketError? {
    let interface = wanted >= 0 ? wanted : route(to: group) ?? -1
    guard let index = membership(socket, group, interface) else { return .EADDRNOTAVAIL }
    removeMembership(index)
    return nil
  }

  /// ip_freemoptions: a socket goes.
  func leaveGroups(of socket: Int32) {
    var index = 0
    while index < state.pointee.memberships.count {
      if state.pointee.memberships.entries[index].socket == socket {
        removeMembership(index)
      } else {
        index += 1
      }
    }
  }

  private func removeMembership(_ index: Int) {
    let gone = state.pointee.memberships.entries[index]
    state.pointee.memberships.count -= 1
    let last = state.pointee.memberships.entries[state.pointee.memberships.count]
    state.pointee.memberships.entries[index] = last
    passReport(of: gone)
  }

  private func membership(_ socket: Int32, _ group: IPv4Address, _ interface: Int32) -> Int? {
    for index in 0..<state.pointee.memberships.count {
      let entry = state.pointee.memberships.entries[index]
      if entry.socket == socket && entry.group == group && entry.interface == interface {
        return index
      }
    }
    return nil
  }

  /// ip_mloopback: a copy for this host, which has joined the group itself. Without an mbuf there
  /// is none.
  func multicastLoopback(_ packet: Int32, on interface: Int32) {
    let length = mbuf(packet).pointee.packetLength
    guard let copy = mCopy(packet, offset: 0, length: length, requester) else { return }
    mbuf(copy).pointee.packetLength = length
    mbuf(copy).pointee.flags = [.packetHeader, .multicast]
    guard let whole = mPullup(copy, 20) else { return }
    if loopbackOutput(whole) == nil { mbuf(whole).pointee.interface = Int16(interface) }
  }
}
