// `sysctl -w NAME=VALUE` of a packetdrill script: which field of the host it sets.
//
// Those at the very beginning are part of what the host is built with, so they may be structure;
// later ones have to be live. What the stack has no use for is taken without a word where the
// value cannot show: a cache that it has not, a port range.

import NetScript
import NetSim
import NetStack

/// How a sysctl's number becomes a field's value.
enum DrillUnit: Sendable {
  case flag, milliseconds, seconds, octets, count
  /// A flag that is an exception from `rfc5961`; and that itself, which only off turns on.
  case belief, trueWhenOff
  /// A word for each number from 0 on.
  case choice([Word])
  /// Nothing here depends on it.
  case ignored
}

struct DrillSetting: Sendable {
  var name: String
  var group: Word
  var field: Word
  var unit: DrillUnit

  init(_ name: String, _ group: Word, _ field: Word, _ unit: DrillUnit) {
    self.name = name
    self.group = group
    self.field = field
    self.unit = unit
  }

  private init(ignoring name: String) { self.init(name, .tcp, .sack, .ignored) }

  static let table: [DrillSetting] = [
    DrillSetting("net.inet.tcp.sack.enable", .tcp, .sack, .flag),
    DrillSetting("net.inet.tcp.rfc1323", .tcp, .rfc1323, .flag),
    DrillSetting("net.inet.tcp.recvspace", .tcp, .rcvbuf, .octets),
    DrillSetting("net.inet.tcp.sendspace", .tcp, .sndbuf, .octets),
    DrillSetting("net.inet.tcp.delacktime", .tcp, .delack, .milliseconds),
    // Off chooses challenges, also for a stack that has none by itself.
    DrillSetting("net.inet.tcp.insecure_rst", .tcp, .insecureRst, .belief),
    DrillSetting("net.inet.tcp.insecure_rst", .tcp, .rfc5961, .trueWhenOff),
    DrillSetting("net.inet.tcp.insecure_syn", .tcp, .insecureSyn, .belief),
    DrillSetting("net.inet.tcp.insecure_syn", .tcp, .rfc5961, .trueWhenOff),
    DrillSetting("net.inet.tcp.drop_synfin", .tcp, .dropSynFin, .flag),
    DrillSetting("net.inet.tcp.blackhole", .tcp, .blackhole, .choice([.off, .syns, .all])),
    DrillSetting("net.inet.tcp.icmp_may_rst", .tcp, .icmpMayReset, .flag),
    DrillSetting("net.inet.tcp.keepinit", .tcp, .keepinit, .milliseconds),
    DrillSetting("net.inet.tcp.keepidle", .tcp, .keepidle, .milliseconds),
    DrillSetting("net.inet.tcp.keepintvl", .tcp, .keepintvl, .milliseconds),
    DrillSetting("net.inet.tcp.keepcnt", .tcp, .keepcnt, .count),
    DrillSetting("net.inet.tcp.always_keepalive", .tcp, .alwaysKeepalive, .flag),
    DrillSetting("net.inet.tcp.rexmit_initial", .tcp, .rtoInit, .milliseconds),
    DrillSetting("net.inet.tcp.rexmit_min", .tcp, .rtoMin, .milliseconds),
    DrillSetting("net.inet.tcp.rexmit_slop", .tcp, .rtoSlop, .milliseconds),
    DrillSetting("net.inet.tcp.rexmit_drop_options", .tcp, .dropOptions, .flag),
    DrillSetting("net.inet.tcp.ecn.enable", .tcp, .ecn, .choice([.off, .offered, .accepted])),
    DrillSetting("net.inet.tcp.ecn.maxretries", .tcp, .ecnRetries, .count),
    DrillSetting("net.inet.tcp.msl", .tcp, .msl, .milliseconds),
    DrillSetting("net.inet.tcp.mssdflt", .tcp, .mssdflt, .octets),
    DrillSetting("net.inet.tcp.path_mtu_discovery", .tcp, .pathMTUDiscovery, .flag),
    DrillSetting("net.inet.tcp.rfc3042", .tcp, .limitedTransmit, .flag),
    DrillSetting("net.inet.tcp.initcwnd_segments", .tcp, .initialWindow, .count),
    DrillSetting("kern.ipc.maxsockbuf", .sock, .max, .octets),
    DrillSetting(ignoring: "net.inet.tcp.hostcache.purgenow"),
  ]
}

/// One assignment of a sysctl command.
struct DrillAssignment {
  var setting: DrillSetting
  var number: Int64
}

extension Bench {
  /// The assignments of `sysctl [-w] [-q] a=1 b=2`; nil when it is no such command, or sets what is
  /// unknown.
  static func assignments(in command: String) -> [DrillAssignment]? {
    let words = command.split(separator: " ").filter { !$0.isEmpty }
    guard let first = words.first, first == "sysctl" || first.hasSuffix("/sysctl") else {
      return nil
    }
    var found: [DrillAssignment] = []
    for word in words.dropFirst() where !word.hasPrefix("-") {
      guard let equals = word.firstIndex(of: "="),
        let number = Int64(String(word[word.index(after: equals)...]))
      else { return nil }
      let settings = DrillSetting.table.filter { $0.name == word[..<equals] }
      if settings.isEmpty { return nil }
      for setting in settings { found.append(DrillAssignment(setting: setting, number: number)) }
    }
    return found.isEmpty ? nil : found
  }

  private func value(_ assignment: DrillAssignment) -> Value? {
    let number = assignment.number
    switch assignment.setting.unit {
    case .flag, .belief: return .bool(number != 0)
    case .trueWhenOff: return number == 0 ? .bool(true) : nil
    case .choice(let names):
      guard number >= 0, number < Int64(names.count) else { return nil }
      return .symbol(words.symbol(names[Int(number)]))
    case .milliseconds:
      let (time, isOver) = number.multipliedReportingOverflow(by: 1_000_000)
      return isOver ? nil : .time(nanoseconds: time)
    case .seconds:
      let (time, isOver) = number.multipliedReportingOverflow(by: 1_000_000_000)
      return isOver ? nil : .time(nanoseconds: time)
    case .octets: return .data(octets: number)
    case .count: return .int(number)
    case .ignored: return nil
    }
  }

  /// Those before everything else, as fields of a host that is not built yet.
  func applyFirstSettings(_ number: Int) {
    let drill = programs.drills[number]
    guard drill.host != .none, let span = tree[drill.node].span else { return }
    for event in drill.script.events[..<drill.deeds.lowerBound] {
      guard case .command(let text) = event.action, let found = Bench.assignments(in: text) else {
        continue
      }
      for assignment in found {
        guard let value = value(assignment),
          let group = implicit(assignment.setting.group, in: drill.host)
        else { continue }
        store(
          FieldValue(
            name: words.symbol(assignment.setting.field), value: value, layer: .commandLine,
            span: span), in: group)
      }
    }
  }

  /// One of them while the script runs. False: what it sets is structure, and has another value.
  func apply(_ assignment: DrillAssignment, _ number: Int) -> Bool {
    let drill = programs.drills[number]
    guard let wanted = value(assignment) else { return true }
    guard let group = implicit(assignment.setting.group, in: drill.host),
      let schema = Schema.field(assignment.setting.field, of: assignment.setting.group)
    else { return false }
    if vm.equal(fieldValue(group, schema), wanted) { return true }
    guard schema.isLive, let at = tree[drill.node].span else { return false }
    do throws(RuntimeError) {
      try setLive(group, words.symbol(schema.word), wanted, .set, at: at)
    } catch { return false }
    return true
  }
}
