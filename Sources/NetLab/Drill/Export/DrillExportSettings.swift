// The settings of a witnessed host: sysctl lines where FreeBSD has one, words where it has none.

import NetScript
import NetStack

extension Bench {
  /// `sysctl -w NAME=VALUE` for each that has a name there.
  func sysctlCommands(of host: NodeID) -> [String] {
    var commands: [String] = []
    for setting in DrillSetting.table {
      let group = group(setting.group, of: host)
      guard let number = sysctlNumber(setting, in: group) else { continue }
      commands.append("sysctl -w \(setting.name)=\(number)")
    }
    return commands
  }

  private func sysctlNumber(_ setting: DrillSetting, in group: NodeID) -> Int64? {
    switch setting.unit {
    case .ignored, .trueWhenOff: return nil
    case .flag: return flag(group, setting.field) ? 1 : 0
    case .belief: return flag(group, setting.field) || !flag(group, .rfc5961) ? 1 : 0
    case .choice(let names):
      return word(group, setting.field).flatMap { names.firstIndex(of: $0) }.map { Int64($0) }
    case .octets, .count: return number(group, setting.field)
    // Whole ones, never less than the host's.
    case .milliseconds:
      return number(group, setting.field).map { ($0 + 999_999) / 1_000_000 }
    case .seconds: return number(group, setting.field).map { ($0 + 999_999_999) / 1_000_000_000 }
    }
  }

  /// What the host was given and no sysctl sets: `tcp.rto_min = 230ms`.
  func settingsWithoutSysctl(of host: NodeID) -> [String] {
    var found: [String] = []
    for word in [Word.tcp, .sock] {
      let group = group(word, of: host)
      for field in Schema.kind(word)?.fields ?? [] {
        let isKnown = DrillSetting.table.contains { $0.group == word && $0.field == field.word }
        guard !isKnown, let value = ownField(group, words.symbol(field.word)) else { continue }
        found.append("\(word.rawValue).\(field.word.rawValue) = \(vm.text(value))")
      }
      // `reass`, `timer`.
      for child in tree[group].children {
        for field in tree[child].fields {
          let place = "\(word.rawValue).\(name(tree[child].name)).\(name(field.name))"
          found.append("\(place) = \(vm.text(field.value))")
        }
      }
    }
    return found
  }
}
