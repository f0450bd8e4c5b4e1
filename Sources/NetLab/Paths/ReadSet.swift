// What a predicate read, as a set of topics: it is asked again only when one of them has changed
// since (Versions.swift).
//
// A topic is a host and an aspect of it. Hosts from 63 on share one bit: a look too many, never one
// too few.

import NetSim
import NetStack

/// A side of the simulation that measurements come from.
public enum Aspect: UInt8, CaseIterable, Sendable {
  /// Buffers: free, held, waits.
  case pool
  /// Rings and queues of interfaces.
  case nic
  case ip
  case tcp
  case socket
  case task
  /// What decides who on the host could still move: the oracle's wait-for graph.
  case waits
  /// Whether the host has something to do: data to send, tasks that are not dormant.
  case work
  /// When its data last moved.
  case progress
  /// What is counted when something goes wrong (`Host.lossCount`): a sound run leaves it alone.
  case loss
  case link
  /// Variables of scripts: changed by any code that a script runs.
  case variables
  /// Events that some path counts.
  case counters
  /// Changes at any event and is in no record: CPU time, the semaphore's owner.
  case anything
  /// The clock itself.
  case now

  @inline(__always) var bit: UInt16 { 1 << UInt16(rawValue) }

  /// What may change although no host is touched, so that each instant has to be compared.
  static var ofEveryInstant: UInt16 {
    Aspect.link.bit | Aspect.anything.bit
  }

  /// What no host is asked for.
  static var ofNoHost: UInt16 {
    Aspect.link.bit | Aspect.variables.bit | Aspect.counters.bit | Aspect.anything.bit
      | Aspect.now.bit
  }
}

public struct ReadSet: Equatable, Sendable {
  /// One bit for each `Aspect`.
  public private(set) var aspects: UInt16 = 0
  /// One bit for each host; bit 63 for all from there on.
  public private(set) var hosts: UInt64 = 0

  public init() {}

  /// - Parameter host: number of a station; -1 for what belongs to none, or to any.
  @inline(__always)
  public mutating func insert(_ aspect: Aspect, host: Int32 = -1) {
    aspects |= aspect.bit
    if host >= 0 {
      hosts |= ReadSet.bit(Int(host))
    } else if aspect.bit & Aspect.ofNoHost == 0 {
      hosts = .max
    }
  }

  /// The bit of a host, as in `Context.touched`.
  @inline(__always)
  static func bit(_ host: Int) -> UInt64 { 1 << UInt64(min(host, sharedBit)) }
  /// That of all hosts from this one on.
  static var sharedBit: Int { 63 }

  public mutating func formUnion(_ other: ReadSet) {
    aspects |= other.aspects
    hosts |= other.hosts
  }

  public func contains(_ aspect: Aspect) -> Bool {
    aspects & aspect.bit != 0
  }
}

extension Bench {
  /// Called by every measurement that is read.
  @inline(__always)
  func note(_ aspect: Aspect, host: Int32 = -1) {
    if readLog != nil { readLog?.insert(aspect, host: host) }
  }
}
