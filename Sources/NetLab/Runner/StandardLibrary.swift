// std/: the files of Sources/NetLab/Std, ordinary NetScript, embedded in the program as octets.

/// The files that `import "std/…"` finds.
public enum StandardLibrary {
  /// In scope in every script without an import.
  public static let prelude = ["std/apps"]

  public static let names = [
    "std/apps", "std/presets", "std/policies", "std/lans", "std/checks", "std/craft", "std/ftp",
    "std/segments", "std/nuttx", "std/zephyr", "std/lwip", "std/lwip_tcp",
  ]

  /// The text of a file, or `nil` when there is none of that name.
  public static func octets(of name: String) -> [UInt8]? {
    switch name {
    case "std/apps": return PackageResources.apps_ns
    case "std/presets": return PackageResources.presets_ns
    case "std/policies": return PackageResources.policies_ns
    case "std/lans": return PackageResources.lans_ns
    case "std/checks": return PackageResources.checks_ns
    case "std/craft": return PackageResources.craft_ns
    case "std/ftp": return PackageResources.ftp_ns
    case "std/segments": return PackageResources.segments_ns
    case "std/nuttx": return PackageResources.nuttx_ns
    case "std/zephyr": return PackageResources.zephyr_ns
    case "std/lwip": return PackageResources.lwip_ns
    case "std/lwip_tcp": return PackageResources.lwip_tcp_ns
    default: return nil
    }
  }
}
