// What the engine does, in sixteen digits: two builds that print the same run scripts alike.

import NetLab
import NetScript

enum EngineDigest {
  /// The digest of a small run that passes through every layer: two hosts, a LAN, a transfer.
  static let text: String = {
    let script = """
      lan wire { rate = 10Mbps }
      host a { nic eth0 { lan = wire } }
      host b { nic eth0 { lan = wire } }
      bulk transfer { from = a; to = b; size = 20KB }
      run for 1s
      """
    let opened = Workbench.open(
      name: "version", octets: Array(script.utf8), loader: NoImports())
    guard let bench = opened.workbench else { return "none" }
    _ = bench.goOn()
    let digits = String(bench.digest, radix: 16)
    return String(repeating: "0", count: max(16 - digits.count, 0)) + digits
  }()
}
