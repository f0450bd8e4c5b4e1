// What breaks in a soak's lab, when, and whether it is mended.

extension SoakDrawing {
  /// The last ends all traffic.
  private static let answers = [
    "craft.chance(2%)", "craft.chance(20%)", "craft.chance(3%, .dup)",
    "craft.chance(3%, .corrupt)", "craft.chance(5%, 3ms)", "craft.each(7)",
    "craft.chance(10%, 700ms)", "craft.only(fn(f) => f.proto == .tcp and f.len == 0B)", ".drop",
  ]

  mutating func trouble() -> String {
    let at = "at \(100 + random.below(15_000))ms"
    let later = "at \(3_000 + random.below(20_000))ms"
    let medium = random.below(media.count)
    let host = random.pick(media[medium].hosts)
    let nic = "h\(host).eth\(random.below(nics[host]))"
    switch random.below(10) {
    case 0: return "m\(medium).fault = \(random.pick(Self.answers.dropLast()))"
    case 1:
      let answer = random.pick(Self.answers)
      return "\(at) { m\(medium).fault = \(answer) }\n\(later) { m\(medium).fault = none }"
    case 2:
      let way = random.pick(["rx.fault = .drop", "tx.fault = .drop", "tx.fault = .fail"])
      return "\(at) { \(nic).\(way) }"
    case 3: return "\(at) { \(nic).up = false }\n\(later) { \(nic).up = true }"
    case 4: return "\(at) { \(nic).up = false }"
    case 5: return "\(at) { m\(medium).up = false }\n\(later) { m\(medium).up = true }"
    case 6: return "every \(300 + random.below(2000))ms { m\(medium).up = not m\(medium).up }"
    case 7: return partition(medium, at, later)
    case 8: return "\(at) { \(nic).tx.fault = craft.chance(30%, .fail) }"
    default: return "every \(200 + random.below(900))ms { \(nic).up = not \(nic).up }"
    }
  }

  /// Of a LAN; a link is cut instead.
  private mutating func partition(_ medium: Int, _ at: String, _ later: String) -> String {
    guard media[medium].isLan else { return "\(at) { m\(medium).up = false }" }
    let hosts = media[medium].hosts.map { "h\($0)" }
    let middle = 1 + random.below(hosts.count - 1)
    let (some, others) = (hosts[..<middle], hosts[middle...])
    let parts = "[[\(some.joined(separator: ", "))], [\(others.joined(separator: ", "))]]"
    return "\(at) { m\(medium).partition = \(parts) }\n\(later) { m\(medium).partition = [] }"
  }
}
